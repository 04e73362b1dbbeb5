import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadedRule } from '../../../src/diagnosis/rule.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { couldMatchOf } from '../../../src/diagnosis/run/near-miss.ts';
import { missingFactsOf } from '../../../src/diagnosis/run/read-evidence.ts';
import { createRunRules } from '../../../src/diagnosis/run/run-rules.ts';
import type { Facts } from '../../../src/model/facts.ts';

const { ruleSet } = await loadRules([shippedRulesFolder()]);
const [shipped] = ruleSet.rules as [LoadedRule];

const leaf = fc.oneof(
  fc.record({
    fact: fc.constantFrom('breaksOfNode5m', 'secondsLive', 'subErrcode'),
    operator: fc.constantFrom('lessThan', 'greaterThanInclusive', 'equal', 'notEqual'),
    value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant({ fact: 'endsOfStream10m' })),
  }),
  fc.record({
    fact: fc.constantFrom('domain', 'previousReason', 'txTime'),
    operator: fc.constantFrom('equal', 'in', 'not:textContains'),
    value: fc.constantFrom('a', ['a', 'b']),
  }),
);
const priority = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 4 });
const { condition } = fc.letrec<{ condition: object }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({ leaf, priority }).map(({ leaf: one, priority: rank }) => ({
      ...one,
      ...(rank !== undefined && { priority: rank }),
    })),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));
const conditions = fc.oneof(
  fc.record({ all: fc.array(condition, { minLength: 1, maxLength: 4 }) }),
  fc.record({ any: fc.array(condition, { minLength: 1, maxLength: 3 }) }),
) as fc.Arbitrary<LoadedRule['conditions']>;
const number = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const text = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
const facts = fc
  .record({
    breaksOfNode5m: number,
    secondsLive: number,
    subErrcode: number,
    errcode: fc.constantFrom(18, 12),
    endsOfStream10m: number,
    breaksOfStream10m: number,
    domain: text,
    previousReason: text,
    txTime: text,
  })
  .map(
    (all): Facts =>
      Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)) as Facts,
  );

describe('couldMatchOf', () => {
  it('never hides a near miss', () => {
    const hidden = { excluded: 0, read: 0 };
    fc.assert(
      fc.property(conditions, facts, (tree, known) => {
        const rule = { ...shipped, id: 'network/x', conditions: tree };
        const [outcome] = createRunRulesOf(rule)(known);
        if (outcome === undefined || outcome.matched) {
          return;
        }
        const missing = missingFactsOf(outcome.conditions, known);
        const could = couldMatchOf(rule)(known);
        hidden[could ? 'read' : 'excluded'] += 1;
        expect(could || missing.length === 0).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    // Both answers occur, so that neither "always" nor "never" would pass unnoticed.
    expect(Math.min(hidden.excluded, hidden.read)).toBeGreaterThan(100);
  });

  it('excludes a rule about another domain, although other facts are missing', () => {
    const rule = {
      conditions: {
        all: [
          { fact: 'domain', operator: 'equal', value: 'a' },
          { fact: 'breaksOfNode5m', operator: 'greaterThan', value: 1 },
        ],
      },
    };
    expect(couldMatchOf(rule)({ domain: 'b' })).toBe(false);
    expect(couldMatchOf(rule)({ domain: 'a' })).toBe(true);
    expect(couldMatchOf(rule)({})).toBe(true);
  });
});

function createRunRulesOf(rule: LoadedRule) {
  const run = createRunRules([rule], false);
  return (known: Facts) => {
    const found = run(known);
    return 'outcomes' in found ? found.outcomes : [];
  };
}
