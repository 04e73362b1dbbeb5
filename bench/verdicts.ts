/**
 * How often a verdict is right: sixty single situations, the 81 cases of a second exam, the 67
 * sequences of a third, and twice thirty scripted chains of events, each with several random seeds (test/verdicts/README.md). Run:
 * `npm run -s bench -- verdicts [--json] [--verbose]`; `SEEDS=12` plays each chain 12 times.
 *
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../src/store/store.ts';
import { loadShippedDiagnoser } from '../test/helpers/shipped-diagnoser.ts';
import { type CHAIN_FOLDERS, readChains } from '../test/verdicts/chain.ts';
import { judgeChain } from '../test/verdicts/judge-chain.ts';
import { judgeSequence } from '../test/verdicts/judge-sequence.ts';
import { judgeSituation, readSituations } from '../test/verdicts/judge-situations.ts';
import { judgeCase, readCases } from '../test/verdicts/second-exam.ts';
import { readSequences } from '../test/verdicts/third-exam.ts';

const SEEDS = Number(process.env.SEEDS ?? 6);
const verbose = process.argv.includes('--verbose');
const diagnoser = await loadShippedDiagnoser();

function logFaults(id: string, faults: readonly string[]): void {
  if (verbose && faults.length > 0) {
    console.error(`${id}: ${faults.join('; ')}`);
  }
}

async function judgeSituations() {
  const judged = await Promise.all(readSituations().map((one) => judgeSituation(one, diagnoser)));
  for (const { situation, faults } of judged) {
    logFaults(situation.id, faults);
  }
  const certain = judged.filter((one) => one.certain);
  const facts = judged.map(({ checkable }) => checkable);
  return {
    situations: judged.length,
    top1_right: judged.filter(({ faults }) => faults.length === 0).length,
    best_rule_right: judged.filter(
      ({ situation, verdict }) => verdict.rule.id === situation.expect.rules[0],
    ).length,
    certain: certain.length,
    certain_right: certain.filter(({ faults }) => faults.length === 0).length,
    facts_per_verdict: Math.round((10 * facts.reduce((a, b) => a + b, 0)) / facts.length) / 10,
    facts_min: Math.min(...facts),
  };
}

/** Opens a store in a new folder, and removes both afterwards. */
async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-verdicts-'));
  // Durability does not matter here, so do not wait for the disk.
  const store = await openSqliteStore({ folder, synchronous: 'normal' });
  try {
    await work(store);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function judgeSecondExam() {
  const report = { cases: 0, cases_right: 0, cases_certain: 0, cases_certain_unfair: 0 };
  await withStore(async (store) => {
    for (const [day, given] of readCases().entries()) {
      const { diagnosis, faults } = await judgeCase(given, day, { store, diagnoser });
      const isCertain = diagnosis.confidence === 'certain';
      logFaults(given.id, faults);
      report.cases += 1;
      report.cases_right += faults.length === 0 ? 1 : 0;
      report.cases_certain += isCertain ? 1 : 0;
      report.cases_certain_unfair += isCertain && given.expect.certain === 'wrong' ? 1 : 0;
    }
  });
  return report;
}

async function judgeThirdExam() {
  const report = {
    sequences: 0,
    sequences_right: 0,
    sequence_verdicts: 0,
    sequences_certain: 0,
    sequences_certain_unfair: 0,
  };
  await withStore(async (store) => {
    for (const [day, sequence] of readSequences().entries()) {
      const judged = await judgeSequence(sequence, day, { store, diagnoser });
      logFaults(sequence.id, judged.faults);
      report.sequences += 1;
      report.sequences_right += judged.faults.length === 0 ? 1 : 0;
      report.sequence_verdicts += judged.verdicts;
      report.sequences_certain += judged.certain;
      report.sequences_certain_unfair += judged.certainUnfair;
    }
  });
  return report;
}

async function judgeChains(from: (typeof CHAIN_FOLDERS)[number]) {
  const chains = readChains(from);
  const right = { chains: 0, plays: 0, whole: 0, wholePlays: 0 };
  await withStore(async (store) => {
    for (const [index, script] of chains.entries()) {
      let causes = 0;
      let whole = 0;
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const day = index * SEEDS + seed;
        const judged = await judgeChain(script, seed, day, { store, diagnoser });
        logFaults(`${script.id} #${seed}`, judged.causeFaults);
        logFaults(`${script.id} #${seed} (shape)`, judged.shapeFaults);
        causes += judged.causeFaults.length === 0 ? 1 : 0;
        whole += judged.causeFaults.length + judged.shapeFaults.length === 0 ? 1 : 0;
      }
      right.plays += causes;
      right.wholePlays += whole;
      right.chains += causes === SEEDS ? 1 : 0;
      right.whole += whole === SEEDS ? 1 : 0;
    }
  });
  return {
    chains: chains.length,
    chains_right: right.chains,
    chains_right_in_all: right.whole,
    plays: chains.length * SEEDS,
    plays_right: right.plays,
    plays_right_in_all: right.wholePlays,
  };
}

const report = {
  ...(await judgeSituations()),
  ...(await judgeSecondExam()),
  ...(await judgeThirdExam()),
  ...(await judgeChains('chains')),
  ...named('later', await judgeChains('later-chains')),
};

function named(exam: string, figures: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${exam}_${name}`, value]),
  );
}
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(report));
} else {
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(24)} ${value}`);
  }
}
