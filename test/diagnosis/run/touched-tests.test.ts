import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Condition,
  hashJson,
  type LoadedRule,
  type RuleSet,
  type RuleTestInput,
} from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { FALLBACK_ID } from '../../../src/diagnosis/run/fallback-rule.ts';
import { judgeRuleTests } from '../../../src/diagnosis/run/rule-tests.ts';
import {
  createIsTouched,
  type IsTouched,
  rememberTested,
} from '../../../src/diagnosis/run/touched-tests.ts';

const [shipped] = (await loadRules([shippedRulesFolder()])).ruleSet.rules as [LoadedRule];

/** What differs between the rules of a generated set. */
interface Spec {
  conditions: LoadedRule['conditions'];
  priority: number;
  /** Of its folder. */
  level: number;
  given: RuleTestInput[];
}

interface Placed {
  set: RuleSet;
  levelOf: (rule: { id: string }) => number;
}

const REASONS = ['network', 'expiry_passed', 'client_closed'];
const leaf = fc.oneof(
  fc.record({
    fact: fc.constant('reason'),
    operator: fc.constant('equal'),
    value: fc.constantFrom(...REASONS),
  }),
  fc.record({
    fact: fc.constant('domain'),
    operator: fc.constantFrom('equal', 'notEqual'),
    value: fc.constantFrom('a', 'b'),
  }),
  fc.record({
    fact: fc.constant('breaksOfNode5m'),
    operator: fc.constantFrom('greaterThan', 'lessThan'),
    value: fc.integer({ min: 0, max: 4 }),
  }),
);
const part: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 5, arbitrary: leaf },
  { weight: 1, arbitrary: leaf.map((not) => ({ not })) },
  { weight: 1, arbitrary: fc.array(leaf, { minLength: 1, maxLength: 2 }).map((any) => ({ any })) },
);
const given = fc.record(
  {
    reason: fc.constantFrom(...REASONS),
    domain: fc.constantFrom('a', 'b', 'c'),
    breaksOfNode5m: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ['reason'] },
);
const spec: fc.Arbitrary<Spec> = fc.record({
  conditions: fc.array(part, { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
  priority: fc.integer({ min: 1, max: 4 }),
  level: fc.integer({ min: 0, max: 1 }),
  given: fc.array(given, { minLength: 1, maxLength: 3 }),
});

/** Now and then one of the rules is the fallback rule. */
const idOf = (index: number) => (index === 3 ? FALLBACK_ID : `network/r${index}`);

function placed(specs: readonly (readonly [string, Spec, string[]])[]): Placed {
  const levels = new Map(specs.map(([id, { level }]) => [id, level]));
  const rules = specs.map(([id, { conditions, priority, given: inputs }, expected]): LoadedRule => {
    const tests = inputs.map((input, index) => {
      return { name: `${id} ${index}`, given: input, expect: expected[index] ?? 'match' };
    });
    const content = { ...shipped, id, priority, conditions, tests };
    return { ...content, hash: hashJson([id, priority, conditions, tests]) };
  });
  return { set: makeRuleSet(rules), levelOf: ({ id }) => levels.get(id) ?? -1 };
}

/** The tests that fail although no rule of a higher folder wins. */
function failuresOf({ set, levelOf }: Placed, isTouched?: IsTouched): string[] {
  return judgeRuleTests(set, isTouched)
    .filter(({ holds, rule, winner }) => !holds && levelOf({ id: winner }) <= levelOf(rule))
    .map(({ name, winner }) => `${name}: ${winner}`);
}

/** A set whose tests hold, or fail because a rule of a higher folder wins. */
function testedSet(specs: readonly Spec[]) {
  const entries = specs.map((one, index) => [idOf(index), one, []] as [string, Spec, string[]]);
  const { set, levelOf } = placed(entries);
  for (const { rule, index, winner } of judgeRuleTests(set)) {
    const entry = entries.find(([id]) => id === rule.id);
    const isOver = levelOf({ id: winner }) > levelOf(rule);
    if (entry) {
      entry[2][index] = winner === rule.id || isOver ? 'match' : winner;
    }
  }
  return entries;
}

const edit = fc.record({
  kind: fc.constantFrom('keep', 'keep', 'keep', 'drop', 'rewrite', 'raise', 'move'),
  next: spec,
});

describe('createIsTouched', () => {
  it('leaves out only tests that cannot fail, for any edit', () => {
    let left = 0;
    fc.assert(
      fc.property(
        fc.array(spec, { minLength: 2, maxLength: 9 }),
        fc.array(edit, { minLength: 9, maxLength: 9 }),
        fc.array(spec, { maxLength: 1 }),
        (specs, edits, added) => {
          const before = testedSet(specs);
          const tested = placed(before);
          expect(failuresOf(tested)).toEqual([]);
          const after = before.flatMap(([id, one, expected], index): typeof before => {
            const { kind, next } = edits[index] as { kind: string; next: Spec };
            switch (kind) {
              case 'drop':
                return [];
              case 'rewrite':
                return [[id, { ...one, conditions: next.conditions }, expected]];
              case 'raise':
                return [[id, { ...one, priority: next.priority }, expected]];
              case 'move':
                return [[id, { ...one, level: 1 - one.level }, expected]];
              default:
                return [[id, one, expected]];
            }
          });
          const now = placed([
            ...after,
            ...added.map((one): [string, Spec, string[]] => ['network/new', one, []]),
          ]);
          const memory = rememberTested(tested.set, tested.levelOf);
          const isTouched = createIsTouched(now.set, now.levelOf, memory);
          left += judgeRuleTests(now.set).length - judgeRuleTests(now.set, isTouched).length;
          expect(failuresOf(now, isTouched)).toEqual(failuresOf(now));
        },
      ),
      { numRuns: 500 },
    );
    expect(left).toBeGreaterThan(100);
  });

  it('runs the tests of an edited rule, and of what it matched or matches now', () => {
    const one = (domain: string): Spec => ({
      conditions: { all: [{ fact: 'domain', operator: 'equal', value: domain }] },
      priority: 2,
      level: 0,
      given: [{ reason: 'network', domain }],
    });
    const before = ['a', 'b', 'c', 'd'].map((domain, index): [string, Spec, string[]] => [
      `network/r${index}`,
      one(domain),
      [],
    ]);
    const tested = placed(before);
    const now = placed(
      before.map(([id, own, expected]): [string, Spec, string[]] =>
        id === 'network/r0'
          ? [id, { ...own, conditions: one('b').conditions }, expected]
          : [id, own, expected],
      ),
    );
    const isTouched = createIsTouched(
      now.set,
      now.levelOf,
      rememberTested(tested.set, tested.levelOf),
    );
    expect(judgeRuleTests(now.set, isTouched).map(({ rule }) => rule.id)).toEqual([
      'network/r0',
      'network/r1',
    ]);
  });

  it('runs all tests after a change of the catalogue', () => {
    const { set, levelOf } = placed([]);
    const texts = [{ reason: 'network', language: 'en' as const, text: 'our own words' }];
    const memory = rememberTested(set, levelOf);
    expect(createIsTouched(set, levelOf, memory)).toBeDefined();
    const changed = makeRuleSet(set.rules, { reasons: [], texts });
    expect(createIsTouched(changed, levelOf, memory)).toBeUndefined();
  });
});
