import { describe, expect, test } from 'vitest';
import type { LoadedRule } from '../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../src/diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { needsOf, unknownNeeds } from '../../src/diagnosis/rule-needs.ts';
import { makeRule } from '../helpers/rules-folder.ts';

const loaded = (parts: Parameters<typeof makeRule>[1]) =>
  ({ ...makeRule('network/ours', parts), hash: 'h', file: 'network/ours.json' }) as LoadedRule;

const leaf = (fact: string, operator: string, value: string | { fact: string }) => ({
  fact,
  operator,
  value,
});

describe('what a rule set needs', () => {
  test('all of the shipped rules are known', async () => {
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const needs = needsOf(ruleSet);
    expect(needs.operators).toContain('equal');
    expect(needs.facts).toContain('reason');
    expect(needs.reasons).toContain('expiry_passed');
    expect(unknownNeeds(needs)).toEqual([]);
  });

  test('names that this program does not know are told, also within groups and as values', () => {
    const rule = loaded({
      conditions: {
        any: [
          { not: leaf('reason', 'equal', 'of_next_year') },
          { all: [leaf('node', 'someFact:resembles', 'a')] },
          leaf('clientIp', 'not:equal', { fact: 'weather' }),
        ],
      },
      params: { evidence: ['moonPhase', 'directory.tier'], shout: true },
    });
    expect(unknownNeeds(needsOf(makeRuleSet([rule])))).toEqual([
      'operator "someFact:resembles"',
      'fact "moonPhase"',
      'fact "weather"',
      'reason "of_next_year"',
      'parameter "shout"',
    ]);
  });

  test('reasons that the set brings along need not be known', () => {
    const rule = loaded({ conditions: { all: [leaf('reason', 'equal', 'team_power_cut')] } });
    const reason = { id: 'team_power_cut' } as never;
    expect(unknownNeeds(needsOf(makeRuleSet([rule])))).toEqual(['reason "team_power_cut"']);
    expect(unknownNeeds(needsOf(makeRuleSet([rule], { reasons: [reason], texts: [] })))).toEqual(
      [],
    );
  });
});
