import { expect, it } from 'vitest';
import { makeFleet } from '../../bench/noise/make-fleet.ts';
import { playFleet } from '../../bench/noise/play-fleet.ts';
import { FleetScore } from '../../bench/noise/score-fleet.ts';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';

it('plays a small fleet through the real parts, and finds its fault', async () => {
  const moment0 = Date.UTC(2026, 2, 2);
  const plan = { streams: 14, hours: 4, breaksPerSession: 2, seed: 3 };
  const fleet = makeFleet(plan, moment0);
  const score = new FleetScore(fleet, moment0, null);
  const { ruleSet: rules } = await loadRules([shippedRulesFolder()]);
  await playFleet(fleet.pushes, { rules, moment0, seed: 3, gatherMs: 1_000 }, score);
  const found = score.score(plan);
  expect(found).toMatchObject({ faults: 1, faults_found: 1, incidents_different: 0 });
  expect(found.incidents_compared).toBeGreaterThan(0);
  expect(found.pages).toBeGreaterThan(0);
});
