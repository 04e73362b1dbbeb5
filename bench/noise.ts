/**
 * What a calm fleet costs its people: false shared incidents, pages that nobody can act on, and shared
 * faults that are missed or get the wrong scope. Generated fleets break by chance and by shared faults;
 * the real diagnosis, grouping and alerts judge them, with a driven clock. Run:
 * `npm run -s bench -- noise [--json] [--seeds 1] [--hours 24] [--large-hours 4] [--streams 14,300,5000]`.
 * `--verbose` prints each mistake.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { makeFleet } from './noise/make-fleet.ts';
import { playFleet } from './noise/play-fleet.ts';
import { FleetScore, type NoiseScore } from './noise/score-fleet.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    verbose: { type: 'boolean' },
    seeds: { type: 'string', default: '1' },
    'first-seed': { type: 'string', default: '1' },
    hours: { type: 'string', default: '24' },
    'large-hours': { type: 'string' },
    streams: { type: 'string', default: '14,300,5000' },
    breaks: { type: 'string', default: '0.05,0.2,2' },
  },
});
const LARGE = 1_000;
/** A large fleet is played for this many hours when few seeds are; else for as long as the others. */
const LARGE_HOURS = '4';
const MOMENT_0 = Date.UTC(2026, 2, 2);
const seeds = Number(values.seeds);
const largeHours = values['large-hours'] ?? (seeds < 20 ? LARGE_HOURS : values.hours);
const numbers = (list: string) => list.split(',').map(Number);
const { ruleSet: rules } = await loadRules([shippedRulesFolder()]);

/** A fleet size and break rate, over all seeds. */
interface FleetReport extends NoiseScore {
  breaks_per_session: number;
}

function sumOf<T extends NoiseScore>(scores: readonly T[]): NoiseScore {
  const sum: NoiseScore = {
    streams: 0,
    hours: 0,
    independent_breaks: 0,
    shared_incidents_false: 0,
    pages: 0,
    pages_not_actionable: 0,
    pages_flapping: 0,
    faults: 0,
    faults_found: 0,
    scope_right: 0,
    incidents_compared: 0,
    incidents_different: 0,
  };
  for (const score of scores) {
    for (const name of Object.keys(sum) as (keyof NoiseScore)[]) {
      sum[name] += score[name];
    }
  }
  return sum;
}

const fleets: FleetReport[] = [];
for (const streams of numbers(values.streams)) {
  for (const breaksPerSession of numbers(values.breaks)) {
    const scores: NoiseScore[] = [];
    for (let seed = Number(values['first-seed']); scores.length < seeds; seed += 1) {
      const hours = Number(streams > LARGE ? largeHours : values.hours);
      const fleet = makeFleet({ streams, hours, breaksPerSession, seed }, MOMENT_0);
      const score = new FleetScore(
        fleet,
        MOMENT_0,
        values.verbose
          ? (text) => console.error(`${streams} ${breaksPerSession} ${seed} ${text}`)
          : null,
      );
      const gatherMs = streams > LARGE ? 10_000 : 1_000;
      await playFleet(fleet.pushes, { rules, moment0: MOMENT_0, seed, gatherMs }, score);
      scores.push(score.score({ streams, hours }));
    }
    const report = { breaks_per_session: breaksPerSession, ...sumOf(scores), streams };
    fleets.push(report);
    if (!values.json) {
      console.log(JSON.stringify(report));
    }
  }
}
const total = sumOf(fleets);
const days = total.hours / 24;
const report = {
  ...total,
  seeds,
  shared_incidents_false_per_day: total.shared_incidents_false / days,
  pages_not_actionable_per_day: total.pages_not_actionable / days,
  fleets,
};
console.log(JSON.stringify(values.json ? report : { ...report, fleets: undefined }));
