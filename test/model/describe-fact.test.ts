import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../src/diagnosis/rule-files/condition-schema.ts';
import {
  describeComparison,
  describeEvidence,
  describeExpectation,
  describeFact,
  titledEvidence,
} from '../../src/model/describe-fact.ts';
import type { Expectation } from '../../src/model/diagnosis.ts';
import { FACT_CATALOGUE } from '../../src/model/fact-catalogue.ts';
import { FACT_LABELS } from '../../src/model/fact-labels.ts';
import { LANGUAGES } from '../../src/model/vocabulary.ts';

describe('the labels of facts', () => {
  it.each(LANGUAGES)('exist for every fact in %s', (language) => {
    const labels = FACT_CATALOGUE.map(({ name }) => FACT_LABELS[name]?.[language] ?? '');
    expect(labels).not.toContain('');
    // Time live is a fact in two units.
    expect(labels.length - new Set(labels).size).toBe(1);
  });

  it('exist only for facts of the catalogue', () => {
    expect(Object.keys(FACT_LABELS)).toEqual(FACT_CATALOGUE.map(({ name }) => name));
  });
});

describe('describeFact', () => {
  it('puts a count before its label and other values after it', () => {
    expect(describeFact('breaksOfStream10m', 8, 'en')).toBe('8 breaks of this stream in 10 min');
    expect(describeFact('secondsSincePreviousBreak', 90, 'en')).toBe(
      'time since the previous break: 1 min 30 s',
    );
    expect(describeFact('errcode', 18, 'en')).toBe('errcode: 18');
    expect(describeFact('txTimePresent', false, 'en')).toBe('URL has txTime: no');
    expect(describeFact('breaksOfNode5m', undefined, 'en')).toBe(
      'breaks on this access node in 5 min, of any cause: not known',
    );
    expect(describeFact('notInTheCatalogue', 'x', 'en')).toBe('notInTheCatalogue: x');
  });
});

describe('describeEvidence', () => {
  const many = (value: number): Expectation[] => [{ operator: 'greaterThanInclusive', value }];

  it('adds what the rule expects unless it equals the value', () => {
    const reason = [{ operator: 'equal', value: 'network' }];
    expect(describeEvidence({ fact: 'reason', value: 'network', expected: reason }, 'en')).toBe(
      'reason: network',
    );
    expect(describeEvidence({ fact: 'code', value: '18/501' }, 'en')).toBe('CSS code: 18/501');
    expect(
      describeEvidence(
        {
          fact: 'secondsLive',
          value: 5,
          expected: [...many(3), { operator: 'lessThan', value: 9 }],
        },
        'en',
      ),
    ).toBe('time live: 5 s (rule: 3 s or more and less than 9 s)');
  });

  it.each([
    ['en', '5 breaks of this stream in 10 min (rule: 2 or more)'],
    ['zh', '该流 10 分钟内断流 5 次（规则：至少 2 次）'],
    ['ja', 'このストリームの切断（10 分間）：5 回（ルール：2 回以上）'],
    ['ko', '이 스트림의 10분간 중단 5회 (규칙: 2회 이상)'],
  ] as const)('uses the words and counters of %s', (language, expected) => {
    const evidence = { fact: 'breaksOfStream10m', value: 5, expected: many(2) };
    expect(describeEvidence(evidence, language)).toBe(expected);
  });
});

describe('describeExpectation', () => {
  it.each<[string, string, Expectation['value'], string]>([
    ['reason', 'equal', 'network', 'network'],
    ['reason', 'notEqual', 'network', 'not network'],
    ['reason', 'in', ['a', 'b'], 'one of a, b'],
    ['reason', 'notIn', ['a', 'b'], 'none of a, b'],
    ['reason', 'not:in', ['a', 'b'], 'none of a, b'],
    ['secondsLive', 'lessThan', 5, 'less than 5 s'],
    ['secondsLive', 'lessThanInclusive', 5, '5 s or less'],
    ['breaksOfStream10m', 'greaterThan', 3, 'more than 3'],
    ['breaksOfStream10m', 'greaterThanInclusive', 3, '3 or more'],
    ['secondsLive', 'not:lessThan', 5, 'not (less than 5 s)'],
    ['secondsLive', 'not:not:equal', 5, 'not (not 5 s)'],
    ['secondsLive', 'swap:lessThan', 5, 'more than 5 s'],
    ['secondsLive', 'someValue:equal', [1, 2], '1 s or 2 s'],
    ['secondsLive', 'everyValue:notEqual', [1, 2], 'not 1 s and not 2 s'],
    ['clientIp', 'equal', { fact: 'stream' }, 'StreamName'],
  ])('%s %s %j', (fact, operator, value, expected) => {
    expect(describeExpectation(fact, { operator, value }, 'en')).toBe(expected);
  });

  it('adds the value of the other fact', () => {
    const expectation = { operator: 'equal', value: { fact: 'node' }, otherValue: 'n1' };
    expect(describeExpectation('clientIp', expectation, 'en')).toBe('access node (n1)');
  });

  it.each(LANGUAGES)('translates every operator of rules into %s', (language) => {
    for (const operator of OPERATORS) {
      const isList = /(^|:)(in|notIn)$|Value:/.test(operator);
      const value = isList ? [1, 2] : 1;
      const words = describeExpectation('secondsLive', { operator, value }, language);
      expect(words).not.toMatch(/[a-z][A-Z]|:|undefined/);
    }
  });
});

describe('evidence with the name of a reason', () => {
  it('says the name, and not the ids that the rule expects', () => {
    const item = {
      fact: 'reason',
      value: 'network',
      expected: [{ operator: 'in', value: ['network', 'proxy_cut'] }],
    };
    const titled = titledEvidence({ ...item, title: '推流链路网络异常' });
    expect(describeEvidence(titled, 'zh')).toMatch(/^[^a-z_]+：推流链路网络异常$/);
    expect(titledEvidence(item)).toEqual(item);
    expect(titledEvidence({ fact: 'node', value: 'n' })).toEqual({ fact: 'node', value: 'n' });
  });
});

describe('describeComparison', () => {
  it('shows the expectation instead of the value', () => {
    const two = { operator: 'greaterThanInclusive', value: 2 };
    expect(describeComparison('breaksOfStream10m', two, 'en')).toBe(
      '2 or more breaks of this stream in 10 min',
    );
    expect(describeComparison('secondsLive', two, 'zh')).toBe('推流时长：至少 2 秒');
  });
});
