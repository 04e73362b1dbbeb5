import { describe, expect, it } from 'vitest';
import type { ConditionValue } from '../../../src/diagnosis/rule.ts';
import { OPERATORS } from '../../../src/diagnosis/rule-files/operators.ts';
import { expectedWords } from '../../../src/diagnosis/run/describe-leaf.ts';

const words = (fact: string, operator: string, value: ConditionValue) =>
  expectedWords({ fact, operator, value }, { node: 'n1' });

describe('expectedWords', () => {
  it.each<[string, string, ConditionValue, string]>([
    ['reason', 'equal', 'network', 'network'],
    ['reason', 'notEqual', 'network', 'not network'],
    ['reason', 'in', ['a', 'b'], 'one of a, b'],
    ['reason', 'notIn', ['a', 'b'], 'none of a, b'],
    ['secondsLive', 'lessThan', 5, 'less than 5 s'],
    ['secondsLive', 'lessThanInclusive', 5, '5 s or less'],
    ['breaksOfStream10m', 'greaterThan', 3, 'more than 3'],
    ['breaksOfStream10m', 'greaterThanInclusive', 3, '3 or more'],
    ['secondsLive', 'not:lessThan', 5, 'not (less than 5 s)'],
    ['secondsLive', 'swap:lessThan', 5, 'more than 5 s'],
    ['secondsLive', 'someValue:equal', [1, 2], '1 s or 2 s'],
    ['secondsLive', 'everyValue:notEqual', [1, 2], 'not 1 s and not 2 s'],
    ['clientIp', 'equal', { fact: 'node' }, 'access node (n1)'],
    ['clientIp', 'equal', { fact: 'stream' }, 'StreamName (not known)'],
  ])('%s %s %j', (fact, operator, value, expected) => {
    expect(words(fact, operator, value)).toBe(expected);
  });

  it('spells out every operator that a rule may use', () => {
    for (const operator of OPERATORS) {
      const isList = /(^|:)(in|notIn)$|Value:/.test(operator);
      expect(words('secondsLive', operator, isList ? [1, 2] : 1)).not.toMatch(/[a-z][A-Z]|:/);
    }
  });
});
