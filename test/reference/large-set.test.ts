import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTeamFolder } from '../../bench/rules/make-team-folder.ts';
import type { LoadedRule, RuleSet } from '../../src/diagnosis/rule.ts';
import { loadPack } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { judgeRuleTests, readTestInput } from '../../src/diagnosis/run/rule-tests.ts';
import { createReferenceRun } from '../../src/diagnosis/run/run-engine.ts';
import { createFindWinner } from '../../src/diagnosis/run/run-rules.ts';
import { compareWithEngine } from '../../src/diagnosis/workbench/test-rules.ts';
import type { Facts } from '../../src/model/facts.ts';
import { setTeamCatalogue } from '../../src/reasons/match-reason.ts';
import { PART_OF_RUNS } from '../helpers/part-of-runs.ts';

/** Rules of the team, over the shipped ones. */
const OWN_RULES = 2_000;
/** Events that the set judges on both engines. */
const SAMPLES = Math.round(1_000 * PART_OF_RUNS);
/** Those that json-rules-engine judges with all rules at once, and not with those of the reason alone: 0.1 s each. */
const ON_ALL_RULES = 25;

let folder: string;
let set: RuleSet;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-large-'));
  makeTeamFolder(folder, OWN_RULES);
  const { ruleSet, problems } = await loadPack([folder], [shippedRulesFolder()]);
  expect(problems).toEqual([]);
  set = ruleSet;
  setTeamCatalogue(set.catalogue);
});
afterAll(() => {
  setTeamCatalogue();
  rmSync(folder, { recursive: true, force: true });
});

/** Events of the tests inside the rules, spread over the set; every other one has facts of a second rule too. */
function sampleEvents(): Facts[] {
  const tests = set.rules.flatMap((rule) => rule.tests.map(({ given }) => ({ rule, given })));
  const byReason = Map.groupBy(tests, ({ given }) => String(readTestInput(given).match.reason));
  return Array.from({ length: SAMPLES }, (_none, index) => {
    const { given } = tests[Math.floor((index * tests.length) / SAMPLES)] as (typeof tests)[number];
    const { facts } = readTestInput(given);
    const alike = byReason.get(String(facts.reason)) ?? [];
    const other = alike[(index * 7_919) % Math.max(1, alike.length)]?.given ?? {};
    return index % 2 === 0 ? facts : { ...readTestInput(other).facts, ...facts };
  });
}

describe(`${OWN_RULES} rules of a team over the shipped ones`, () => {
  it('answer their own tests on json-rules-engine, each rule alone, as compiled', async () => {
    expect(await compareWithEngine(set)).toEqual([]);
    const outcomes = judgeRuleTests(set);
    expect(outcomes.length).toBeGreaterThan(2 * OWN_RULES);
    expect(outcomes.filter(({ rule, holds }) => !holds && rule.id.includes('customer'))).toEqual(
      [],
    );
  }, 120_000);

  it('have the same winner on json-rules-engine', async () => {
    const findWinner = createFindWinner(set.rules);
    const runOfReason = createReferenceRun(set.rules);
    const runAll = createReferenceRun(set.rules, false);
    const wins = new Map<LoadedRule | undefined, number>();
    let rivals = 0;
    for (const [index, facts] of sampleEvents().entries()) {
      const run = index % Math.ceil(SAMPLES / ON_ALL_RULES) === 0 ? runAll : runOfReason;
      const { outcomes, faults } = await run(facts);
      const matched = outcomes.filter((outcome) => outcome.matched).map(({ rule }) => rule);
      const winner = findWinner(facts);
      expect([winner?.id, faults], JSON.stringify(facts)).toEqual([matched[0]?.id, []]);
      wins.set(winner, (wins.get(winner) ?? 0) + 1);
      rivals += matched.length > 1 ? 1 : 0;
    }
    // The sample is spread, and often more than one rule matches.
    if (PART_OF_RUNS === 1) {
      expect(wins.size).toBeGreaterThan(SAMPLES * 0.4);
      expect(rivals).toBeGreaterThan(SAMPLES * 0.3);
    }
  }, 300_000);
});
