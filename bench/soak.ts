/**
 * One incident that stays open for a day: 450 streams that flap and 50 stable ones send 30 callbacks a
 * second. Does memory stay bounded, and a turn of the incident thread short? The engine's clock runs
 * faster than the real one; the incident thread takes its turns as often as in real life. Run:
 * `npm run -s bench -- soak [--json] [--short] [--hours 24] [--speed 24] [--plot FILE.svg|FILE.csv]`.
 * Exits with 1 when a goal is missed. A day takes an hour. `--short` runs one hour of the clock, or what fits
 * into two minutes, and does not judge the time of turns, which depends on the machine.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { plotSoak } from './soak/plot-soak.ts';
import { runSoak, type SoakSample } from './soak/run-soak.ts';

const MAX_MB = 350;
const MAX_OVER_IDLE_MB = 150;
const MAX_TURN_MS = 200;
/** Breaks of the last minutes at 15 a second; more are folded. */
const MAX_HELD = 12_000;
/** Longest time of a short run, s. */
const SHORT_S = 120;
/** Growth over the second half that still counts as flat: the noise of the garbage collector. */
const MAX_GROWTH_MB = 40;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    short: { type: 'boolean' },
    hours: { type: 'string' },
    speed: { type: 'string' },
    plot: { type: 'string' },
  },
});
const wanted = Number(values.hours ?? (values.short ? 1 : 24));
const speed = Number(values.speed ?? 24);
const maxSeconds = values.short ? SHORT_S : Number.POSITIVE_INFINITY;

const samples = await runSoak(
  { hours: wanted, speed, maxSeconds },
  ({ hours: at, rssMb, held }) => {
    process.stderr.write(
      `\r${at.toFixed(2)} h ${Math.round(rssMb)} MB, ${held.breaks} breaks held `,
    );
  },
);
process.stderr.write('\n');

const [idle] = samples as [SoakSample];
const last = samples.at(-1) as SoakSample;
const { hours } = last;
const sorted = (times: number[]) => times.sort((a, b) => a - b);
const turns = sorted(samples.flatMap(({ turnsMs }) => turnsMs));
const folds = sorted(samples.flatMap(({ foldsMs }) => foldsMs));
const p99Of = (times: readonly number[]) =>
  times[Math.min(times.length - 1, Math.floor(times.length * 0.99))] ?? 0;
const between = (from: number, to: number) =>
  samples.filter((sample) => sample.hours > from * hours && sample.hours <= to * hours);
const meanMb = (some: readonly SoakSample[]) =>
  some.reduce((sum, { rssMb }) => sum + rssMb, 0) / Math.max(1, some.length);
const middle = meanMb(between(0.5, 0.6));
const end = meanMb(between(0.9, 1));
const limit = Math.max(MAX_MB, idle.rssMb + MAX_OVER_IDLE_MB);
const p99 = p99Of(turns);
const report = {
  hours: Math.round(hours * 100) / 100,
  callbacks: last.callbacks,
  rss_start_mb: Math.round(idle.rssMb),
  rss_middle_mb: Math.round(middle),
  rss_end_mb: Math.round(end),
  rss_max_mb: Math.round(Math.max(...samples.map(({ rssMb }) => rssMb))),
  turns: turns.length,
  turn_p50_ms: Math.round(turns[Math.floor(turns.length / 2)] ?? 0),
  turn_p99_ms: Math.round(p99),
  fold_p99_ms: Math.round(p99Of(folds)),
  held: last.held.breaks,
  held_pushes: last.held.pushes,
  held_streams: last.held.streams,
  incidents: last.held.incidents,
  rereads: last.rereads,
  met:
    end <= limit &&
    last.held.breaks <= MAX_HELD &&
    (values.short || (end - middle <= MAX_GROWTH_MB && p99 <= MAX_TURN_MS)),
};
if (values.plot) {
  writeFileSync(values.plot, plotSoak(samples, values.plot.endsWith('.csv') ? 'csv' : 'svg'));
}
if (values.json) {
  console.log(JSON.stringify(report));
} else {
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(20)} ${value}`);
  }
}
process.exitCode = report.met ? 0 : 1;
