/**
 * The engine under test, in a process of its own, with a clock that runs faster than the real one. Sends
 * a sample of its memory and turn times to its parent at each minute of its clock.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { createMetrics } from '../../src/server/create-metrics.ts';
import { createServer } from '../../src/server/create-server.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { makeAccount } from '../../test/helpers/make-account.ts';
import { FlappingSource } from './flapping-source.ts';
import type { SoakSample } from './run-soak.ts';

const KEY = 'soakcallbackkey';
const HOUR_MS = 3_600_000;
const SAMPLE_EVERY_MS = 60_000;
const TICK_MS = 50;
/** Rest before the first callback, so that the idle engine can be measured, ms. */
const IDLE_MS = 5_000;

const [folder, hours, speed, maxSeconds] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const durationMs = Number(hours) * HOUR_MS;
const from = Math.floor((Date.now() - durationMs) / 1_000) * 1_000;
let clock = from;
let turns: number[] = [];
let folds: number[] = [];
let held = { records: 0, pushes: 0, streams: 0, incidents: 0, rereads: 0 };
const metrics = createMetrics('bench');
const engine = await openEngine({
  openStore: () => openSqliteStore({ folder }),
  rulesFolders: [shippedRulesFolder()],
  accounts: [makeAccount({ callbackKeys: [KEY] })],
  version: 'bench',
  hooks: {
    ...metrics.hooks,
    grouped(figures) {
      metrics.hooks.grouped(figures);
      turns.push(figures.turnMs);
      folds.push(figures.foldMs);
      held = figures;
    },
  },
  alerts: { accept: async () => undefined },
  now: () => clock,
  log: (level, message) => {
    if (level === 'error') {
      process.stderr.write(`${message}\n`);
    }
  },
});
await createServer({ engine, metrics, host: '127.0.0.1', port: 0 });

const source = new FlappingSource(KEY, from, { flapping: 450, stable: 50 });

function sample(): void {
  const { records, pushes, streams, incidents, rereads } = held;
  const message: SoakSample = {
    hours: (clock - from) / HOUR_MS,
    callbacks: source.made,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    turnsMs: turns,
    foldsMs: folds,
    held: { breaks: records, pushes, streams, incidents },
    rereads,
  };
  turns = [];
  folds = [];
  process.send?.(message);
}

await wait(IDLE_MS);
sample();
let sampledAt = clock;
let last = performance.now();
const endsAt = last + Number(maxSeconds) * 1_000;
while (clock < from + durationMs && last < endsAt) {
  await wait(TICK_MS);
  const now = performance.now();
  // Time in which the engine was waited for does not count.
  const elapsed = Math.min(now - last, 2 * TICK_MS);
  const until = Math.min(from + durationMs, Math.round(clock + elapsed * Number(speed)));
  last = now;
  const due = source.upTo(until);
  clock = until;
  // Waiting for the journal slows the clock down when the engine cannot keep up.
  await Promise.all(due.map(({ body }) => engine.acceptCallback('default', body, clock)));
  if (clock - sampledAt >= SAMPLE_EVERY_MS) {
    sampledAt = clock;
    // A fast clock must not leave the deriver behind: its breaks would all be late.
    await engine.idle();
    sample();
  }
}
await engine.settled();
sample();
await engine.close();
process.disconnect?.();
process.exit();
