import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compileRules } from '../../src/diagnosis/compile/compile-rules.ts';
import type { EngineRule } from '../../src/diagnosis/compile/engine-rule.ts';
import type { SharedConditions } from '../../src/diagnosis/compile/parse-conditions.ts';
import { OWN_OPERATORS } from '../../src/diagnosis/operators/own-operators.ts';
import {
  FACT_NAMES,
  factsArbitrary,
  ownRuleArbitrary,
  ruleArbitrary,
  sharedArbitrary,
} from '../diagnosis/compile/arbitraries.ts';
import { referenceOf } from '../diagnosis/compile/reference.ts';
import { PART_OF_RUNS } from '../helpers/part-of-runs.ts';

/** One rule asked about one event, by json-rules-engine and by all that we make of it. */
let evaluations = 0;
/** Those of rules with an operator of Breakwatch. */
let ownEvaluations = 0;
let matches = 0;
let rejections = 0;
let refused = 0;

/** Finds an operator of Breakwatch in a rule. */
const OWN = new RegExp(`"(?:\\w+:)*(?:${OWN_OPERATORS.map(({ name }) => name).join('|')})"`);

/** Compares everything that is compiled out of the rules with the reference, for all events. */
async function compare(
  sketches: readonly EngineRule[],
  shared: SharedConditions,
  events: readonly Record<string, unknown>[],
): Promise<void> {
  const named = sketches.map((rule, place) => ({ ...rule, id: `r${place}`, name: `r${place}` }));
  const before = JSON.stringify([named, shared, events]);
  const options = { conditions: shared };
  const variants = [
    compileRules(named, options),
    compileRules(named, { ...options, index: [] }),
    compileRules(named, { ...options, index: ['count', 'toString', 'list'] }),
  ].map((compiled) => ({
    compiled,
    threw: new Set<string>(),
  }));
  const [{ compiled }] = variants as [(typeof variants)[number]];
  refused += compiled.problems.length;
  const rules = compiled.rules.map(({ rule }) => rule);
  const ask = referenceOf(rules, shared);
  const hasOwn = new Set(
    rules.filter((rule) => OWN.test(JSON.stringify(rule))).map(({ id }) => id),
  );
  for (const facts of events) {
    const answers = await ask(facts);
    const expected: string[] = [];
    for (const { id, trace, rank } of compiled.rules) {
      evaluations += 1;
      ownEvaluations += hasOwn.has(id) ? 1 : 0;
      const answer = answers.get(id);
      if (!answer) {
        throw new Error(`no answer for ${id}`);
      }
      if ('rejected' in answer) {
        rejections += 1;
        expect(() => trace(facts), `${id} must throw: ${answer.rejected.message}`).toThrow();
        continue;
      }
      const ours = compiled.rules[rank]?.trace(facts);
      if (!isDeepStrictEqual(ours, answer.trace)) {
        expect(ours).toStrictEqual(answer.trace);
      }
      if (answer.trace.result) {
        expected.push(id);
      }
    }
    matches += expected.length;
    for (const { compiled: variant, threw } of variants) {
      threw.clear();
      const found = variant.match(facts, ({ id }) => threw.add(id)).map(({ id }) => id);
      if (!isDeepStrictEqual(found, expected)) {
        expect(found).toStrictEqual(expected);
      }
      for (const id of threw) {
        expect(answers.get(id)).toHaveProperty('rejected');
      }
      expect(variant.first(facts)?.id).toBe(expected[0]);
    }
  }
  expect(JSON.stringify([named, shared, events])).toBe(before);
}

describe('compiled rules against json-rules-engine', () => {
  afterAll(() => {
    // Enough was compared, and the rules were not all trivial.
    expect(evaluations).toBeGreaterThan(100_000 * PART_OF_RUNS);
    expect(ownEvaluations).toBeGreaterThan(100_000 * PART_OF_RUNS);
    expect(matches / evaluations).toBeGreaterThan(0.1);
    expect(matches / evaluations).toBeLessThan(0.9);
    expect(rejections).toBeGreaterThan(100 * PART_OF_RUNS);
    expect(refused / evaluations).toBeLessThan(0.1);
  });

  it('give the same results for generated rules and events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ruleArbitrary, { minLength: 8, maxLength: 8 }),
        sharedArbitrary,
        fc.array(factsArbitrary, { minLength: 30, maxLength: 30 }),
        compare,
      ),
      { numRuns: 560 },
    );
  }, 180_000);

  it('give the same results for the operators of Breakwatch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ownRuleArbitrary, { minLength: 8, maxLength: 8 }),
        fc.array(factsArbitrary, { minLength: 30, maxLength: 30 }),
        (rules, events) => compare(rules, {}, events),
      ),
      { numRuns: 300 },
    );
  }, 120_000);

  it('ignore keys that all objects inherit', async () => {
    const rules = FACT_NAMES.flatMap((fact): EngineRule[] => [
      { conditions: { all: [{ fact, operator: 'equal', value: 5 }] }, event: { type: 'e' } },
      { conditions: { not: { fact, operator: 'in', value: [5] } }, event: { type: 'e' } },
      {
        conditions: { all: [{ fact, operator: 'notEqual', value: { fact: 'neverThere' } }] },
        event: { type: 'e' },
      },
    ]);
    const own = FACT_NAMES.map((fact) => Object.fromEntries([[fact, 5]]));
    await compare(rules, {}, [{}, ...own]);
  });
});
