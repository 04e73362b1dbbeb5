import type { RuleSet } from '../../src/diagnosis/rule.ts';
import {
  type BacktestReport,
  BacktestTally,
  type MovedSample,
} from '../../src/diagnosis/workbench/backtest/backtest-report.ts';
import { createJudge, type Ruling } from '../../src/diagnosis/workbench/backtest/judge.ts';
import {
  type ComparedRules,
  runBacktest,
} from '../../src/diagnosis/workbench/backtest/run-backtest.ts';
import { blockOf } from './fact-block.ts';

/** A stored break with its facts and its verdict. */
export interface PastBreak extends MovedSample {
  verdict: Ruling;
}

/** A time range without limits, epoch ms UTC. */
export const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * Runs a back-test over breaks in memory.
 *
 * @param size - breaks per block
 */
export function backtestBreaks(
  before: RuleSet | null,
  after: RuleSet,
  past: readonly PastBreak[],
  { range = ALWAYS, size = 25 } = {},
): Promise<BacktestReport> {
  async function* blocks() {
    for (let from = 0; from < past.length; from += size) {
      yield blockOf(
        past.slice(from, from + size).map(({ endedAt, facts, verdict }, place) => {
          return { endedAt, facts, place: from + place, ruling: verdict };
        }),
      );
    }
  }
  return runBacktest({
    before,
    after,
    range,
    blocks,
    readSamples: (places) =>
      places.map((place) => {
        const { verdict: _verdict, ...sample } = past[place] as PastBreak;
        return { ...sample, place };
      }),
  });
}

/**
 * Judges each break on its own, which defines what a back-test must report.
 *
 * @param breaks - pages of any size, the newest breaks first
 */
export async function backtestOneByOne(
  { before: old, after: now }: Pick<ComparedRules, 'before' | 'after'>,
  breaks: AsyncIterable<readonly PastBreak[]> | Iterable<readonly PastBreak[]>,
): Promise<BacktestReport> {
  const before = old && createJudge(old);
  const after = createJudge(now);
  const tally = new BacktestTally<MovedSample>(after.facts);
  for await (const page of breaks) {
    for (const { id, endedAt, stream, facts, verdict } of page) {
      const ruling = after.judge(facts);
      const earlier = before ? before.judge(facts) : verdict;
      tally.span(endedAt, endedAt);
      tally.count(earlier, ruling, 1);
      if (earlier.rule !== ruling.rule) {
        tally.sample(earlier, ruling, endedAt, () => ({ id, endedAt, stream, facts }));
      }
      for (const name of tally.unseen) {
        if (Object.hasOwn(facts, name)) {
          tally.saw(name);
        }
      }
    }
  }
  return tally.report((sample) => sample);
}
