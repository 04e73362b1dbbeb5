/**
 * Time for trying changed rules on stored history: `npm run -s bench -- backtest [--json]
 * [--events 10000000] [--folder DIR]`. The store writes the history, which takes two minutes per
 * million breaks. `--folder` keeps it for the next run.
 *
 * Measures the whole command: first without the columns of the snapshots, then with them, as the
 * running server leaves them. A part of the history is also judged one by one, with the same result.
 *
 * @module
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { showProgress } from '../src/cli/output/show-progress.ts';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import {
  type ComparedRules,
  runBacktest,
} from '../src/diagnosis/workbench/backtest/run-backtest.ts';
import { openBlockHistory } from '../src/store/columns/open-block-history.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { backtestOneByOne } from '../test/helpers/backtest-breaks.ts';
import { changeRules } from './backtest/change-rules.ts';
import { makeHistory } from './backtest/make-history.ts';
import { readOneByOne } from './backtest/read-one-by-one.ts';
import { runCommand } from './backtest/run-command.ts';

/** Number of events that are also judged one by one. */
const CHECKED_EVENTS = 20_000;
const WARM_RUNS = 3;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '1000000' },
    folder: { type: 'string' },
  },
});
const wanted = Number(options.events);

/** Prints progress to stderr. */
function note(line: string): void {
  console.error(line);
}

function sizeMb(folder: string): number {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) / 2 ** 20;
}

/** Judges the newest events block by block and one by one. */
async function check(folder: string, compared: ComparedRules) {
  const store = await openSqliteStore({ folder });
  const history = openBlockHistory(folder);
  try {
    const { events, from } = await readOneByOne(store, CHECKED_EVENTS);
    const range = { from, to: Number.MAX_SAFE_INTEGER };
    const inBlocks = await runBacktest({
      ...compared,
      range,
      blocks: (facts) => history.blocks(range, facts),
      readSamples: (places) => history.breaks(places),
    });
    const start = performance.now();
    // Reads again, because reading takes most of the time.
    const { pages } = await readOneByOne(store, CHECKED_EVENTS);
    const oneByOne = await backtestOneByOne(compared, pages());
    const seconds = (performance.now() - start) / 1_000;
    return {
      identical: isDeepStrictEqual(inBlocks, oneByOne),
      one_by_one_events_per_s: Math.round(events / seconds),
    };
  } finally {
    await history.close();
    await store.close();
  }
}

async function measure(folder: string, rules: string) {
  const shipped = shippedRulesFolder();
  const { ruleSet } = await loadRules([shipped]);
  const progress = showProgress();
  note(`history of ${wanted} breaks in ${folder}`);
  await makeHistory(folder, wanted, ruleSet, (stored) =>
    progress.update(stored / wanted, `${stored} breaks stored`),
  );
  progress.clear();
  changeRules(shipped, ruleSet, rules);
  const after = (await loadRules([shipped, rules])).ruleSet;

  const columns = join(folder, 'columns');
  rmSync(columns, { recursive: true, force: true });
  note('without columns');
  const cold = await runCommand(folder, rules);
  note(`${cold.seconds.toFixed(2)} s`);
  const runs = [];
  for (let run = 0; run < WARM_RUNS; run += 1) {
    note('with columns');
    runs.push(await runCommand(folder, rules));
    note(`${runs.at(-1)?.seconds.toFixed(2)} s`);
  }
  const warm = runs.sort((a, b) => a.seconds - b.seconds)[Math.floor(WARM_RUNS / 2)] as typeof cold;
  const { report, seconds } = warm;
  return {
    events: report.events,
    seconds: Number(seconds.toFixed(2)),
    moved: report.moved,
    peak_mb: Math.round(Math.max(...runs.map((run) => run.peakMb))),
    events_per_s: Math.round(report.events / seconds),
    /** CPU time, including the start of the process. It depends less on what else runs. */
    cpu_s: Number(warm.cpuSeconds.toFixed(2)),
    newly_unknown: report.newlyUnknown,
    pairs: report.movements.length,
    rules: ruleSet.rules.length,
    /** The first run in a folder without columns. */
    cold: {
      seconds: Number(cold.seconds.toFixed(2)),
      peak_mb: Math.round(cold.peakMb),
      cpu_s: Number(cold.cpuSeconds.toFixed(2)),
      same: isDeepStrictEqual(cold.report, report),
    },
    columns_mb: Math.round(sizeMb(columns)),
    ...(await check(folder, { before: ruleSet, after })),
    node: process.version,
  };
}

const scratch = mkdtempSync(
  join(process.env.BREAKWATCH_BENCH_FOLDER ?? tmpdir(), 'breakwatch-bench-'),
);
try {
  const folder = options.folder ? resolve(options.folder) : join(scratch, 'data');
  const figures = await measure(folder, join(scratch, 'rules'));
  console.log(options.json ? JSON.stringify(figures) : figures);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
