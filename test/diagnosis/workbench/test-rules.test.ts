import { describe, expect, it } from 'vitest';
import type { ConditionGroup, LoadedRule } from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createRunRules } from '../../../src/diagnosis/run/run-rules.ts';
import { compareWithEngine } from '../../../src/diagnosis/workbench/test-rules.ts';

const { ruleSet } = await loadRules([shippedRulesFolder()]);

/** One shipped rule with other conditions and tests. */
function ruleWith(conditions: ConditionGroup, tests: LoadedRule['tests']): LoadedRule {
  return { ...(ruleSet.rules[0] as LoadedRule), id: 'network/x', conditions, tests };
}

describe('compareWithEngine', () => {
  it('finds no difference in the shipped rules', async () => {
    expect(await compareWithEngine(ruleSet)).toEqual([]);
  });

  it('finds a compiler that confuses "less than" with "at most"', async () => {
    const conditions = (operator: string): ConditionGroup => ({
      all: [
        { fact: 'reason', operator: 'equal', value: 'network' },
        { fact: 'durationMs', operator, value: 1_000 },
      ],
    });
    const tests = [
      { name: 'below', given: { reason: 'network', durationMs: 999 }, expect: 'match' },
      { name: 'at the limit', given: { reason: 'network', durationMs: 1_000 }, expect: 'no-match' },
      { name: 'above', given: { reason: 'network', durationMs: 1_001 }, expect: 'no-match' },
    ];
    const right = ruleWith(conditions('lessThan'), tests);
    const faulty = createRunRules([ruleWith(conditions('lessThanInclusive'), tests)]);
    expect(await compareWithEngine(makeRuleSet([right]))).toEqual([]);
    expect(await compareWithEngine(makeRuleSet([right]), faulty)).toEqual([
      {
        rule: right,
        index: 1,
        test: 'at the limit',
        compiled: 'match',
        jsonRulesEngine: 'no match',
      },
    ]);
  });

  it('finds a compiler that loses a rule', async () => {
    const rule = ruleWith({ all: [{ fact: 'reason', operator: 'equal', value: 'network' }] }, [
      { name: 'network', given: { errcode: 12 }, expect: 'match' },
    ]);
    const [difference] = await compareWithEngine(makeRuleSet([rule]), createRunRules([]));
    expect(difference).toMatchObject({ compiled: 'no match', jsonRulesEngine: 'match' });
  });

  it('does not let an error of one test affect the next test', async () => {
    // json-rules-engine rejects the whole run when the fact for `in` is missing.
    const conditions: ConditionGroup = {
      all: [{ fact: 'node', operator: 'in', value: { fact: 'account' } }],
    };
    const rule = ruleWith(conditions, [
      { name: 'rejected', given: { node: 'a' }, expect: 'no-match' },
      { name: 'match', given: { node: 'a', account: 'a1' }, expect: 'match' },
    ]);
    expect(await compareWithEngine(makeRuleSet([rule]))).toEqual([]);
    const [, second] = await compareWithEngine(makeRuleSet([rule]), createRunRules([]));
    expect(second).toMatchObject({ test: 'match', jsonRulesEngine: 'match' });
  });
});
