import { expect, it } from 'vitest';
import type { ConditionGroup } from '../../../src/diagnosis/rule.ts';
import { conditionLines } from '../../../src/diagnosis/workbench/condition-lines.ts';

const conditions: ConditionGroup = {
  all: [
    { fact: 'reason', operator: 'in', value: ['network', 'expiry_passed'] },
    {
      any: [
        { fact: 'secondsLive', operator: 'greaterThanInclusive', value: 90 },
        { not: { all: [{ fact: 'clientIp', operator: 'inCidr', value: '10.2.0.0/16' }] } },
      ],
    },
  ],
};

const shown = (language: Parameters<typeof conditionLines>[1]) =>
  conditionLines(conditions, language).map(
    ({ depth, kind, words }) => `${'  '.repeat(depth)}${words || kind}`,
  );

it('describes groups and comparisons, with titles of reasons and units', () => {
  expect(shown('en')).toEqual([
    'all',
    expect.stringMatching(/^ {2}reason: one of [A-Z].*, .*expir/),
    '  any',
    '    time live: 1 min 30 s or more',
    '    not',
    '      client address: in 10.2.0.0/16',
  ]);
});

it('speaks every language', () => {
  for (const language of ['zh', 'ja', 'ko'] as const) {
    const [, reason = '', , time = ''] = shown(language);
    expect(reason).not.toMatch(/expiry_passed|network|[A-Z]{4}/);
    expect(time).toMatch(/1 ?\D+ 30/);
    expect(time).not.toContain('time live');
  }
});
