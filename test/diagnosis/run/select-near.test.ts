import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Leaf, LoadedRule } from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { createRunRules } from '../../../src/diagnosis/run/run-rules.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { matchReason } from '../../../src/reasons/match-reason.ts';

const [shipped] = (await loadRules([shippedRulesFolder()])).ruleSet.rules as [LoadedRule];
const isNetwork: Leaf = { fact: 'reason', operator: 'equal', value: 'network' };
const NAMES = ['domain', 'app', 'previousReason', 'bypassCode', 'directory.team'];

const leaf: fc.Arbitrary<Leaf> = fc.record({
  fact: fc.constantFrom(...NAMES),
  operator: fc.constantFrom('equal', 'equal', 'equal', 'equal', 'equal', 'notEqual', 'in'),
  value: fc.constantFrom('a', 'b', 1),
});
/** `in` with another fact throws when that fact is missing. */
const thrower: Leaf = { fact: 'domain', operator: 'in', value: { fact: 'stream' } };
const part = fc.oneof(
  {
    weight: 12,
    arbitrary: leaf.map((one) =>
      one.operator === 'in' ? { ...one, value: [one.value as string, 'c'] } : one,
    ),
  },
  { weight: 1, arbitrary: fc.constant(thrower) },
  {
    weight: 1,
    arbitrary: leaf.map((one): LoadedRule['conditions'] => ({
      not: { ...one, operator: 'equal' },
    })),
  },
);
const rules = fc
  .array(
    fc.record({
      parts: fc.array(part, { minLength: 2, maxLength: 4 }),
      priority: fc.integer({ min: 1, max: 9 }),
    }),
    {
      minLength: 20,
      maxLength: 50,
    },
  )
  .map((made) =>
    makeRuleSet(
      made.map(({ parts, priority }, index): LoadedRule => {
        const id = `network/r${index}`;
        return { ...shipped, id, hash: id, priority, conditions: { all: [isNetwork, ...parts] } };
      }),
    ),
  );
const value = fc.option(fc.constantFrom('a', 'b', 'c', 1), { nil: undefined });
const facts = fc
  .record(
    Object.fromEntries([...NAMES, 'breaksOfStream10m', 'errcode'].map((name) => [name, value])),
  )
  .map(
    (all) =>
      Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)) as Facts,
  );

describe('a diagnosis that leaves out rules about other values', () => {
  it('is the same as one that tests every rule, with its near misses and its faults', async () => {
    let alternates = 0;
    const match = matchReason({ errcode: 13 });
    expect(match.reason).toBe('network');
    await fc.assert(
      fc.asyncProperty(
        rules,
        fc.array(facts, { minLength: 4, maxLength: 4 }),
        async (set, events) => {
          const near = createDiagnoser(set);
          const whole = createDiagnoser(set, { index: false });
          for (const event of events) {
            const verdict = await near.judge(event, match);
            expect(verdict).toEqual(await whole.judge(event, match));
            alternates += verdict.alternates.length;
          }
          expect(near.faults()).toEqual(whole.faults());
        },
      ),
      { numRuns: 60 },
    );
    expect(alternates).toBeGreaterThan(100);
  });

  it('tests only the rules of the value', () => {
    const set = makeRuleSet(
      Array.from({ length: 100 }, (_none, index): LoadedRule => {
        const domain: Leaf = { fact: 'domain', operator: 'equal', value: `push-${index}` };
        const id = `network/r${index}`;
        return { ...shipped, id, conditions: { all: [isNetwork, domain] } };
      }),
    );
    const run = createRunRules(set.rules, true, true);
    const count = (known: Facts) => {
      const found = run({ reason: 'network', ...known });
      return 'outcomes' in found ? found.outcomes.length : undefined;
    };
    expect(count({ domain: 'push-7' })).toBe(1);
    expect(count({ domain: 'elsewhere' })).toBe(0);
    // Each of them could be right, so each is an alternate.
    expect(count({})).toBe(100);
  });
});
