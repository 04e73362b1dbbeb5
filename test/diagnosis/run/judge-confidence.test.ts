import { describe, expect, it } from 'vitest';
import type { RuleParams } from '../../../src/diagnosis/rule.ts';
import { judgeConfidence } from '../../../src/diagnosis/run/judge-confidence.ts';
import type { Support } from '../../../src/diagnosis/run/read-evidence.ts';

const support: Support[] = [
  { leaf: { fact: 'secondsLive', operator: 'greaterThan', value: 5 }, negated: false },
];
const contradictedBy = ['steady' as const];

/** Confidence and its ground, where the winning rule compared these facts. */
function judged(
  ground: Parameters<typeof judgeConfidence>[0]['ground'],
  { facts = [] as string[], alternates = [] as string[], params = {} as Partial<RuleParams> } = {},
): string {
  const compared = facts.map(
    (fact): Support => ({ leaf: { fact, operator: 'equal', value: 1 }, negated: false }),
  );
  const found = judgeConfidence({ ground, alternates } as never, compared, params, {});
  return `${found.confidence}, ${found.ground}`;
}

describe('what CSS reported', () => {
  it('is certain with a specific code or an unambiguous text', () => {
    expect(judged('specific-code')).toBe('certain, specific-code');
    expect(judged('unambiguous-text')).toBe('certain, unambiguous-text');
  });

  it('is likely when code and text name different reasons', () => {
    expect(judged('specific-code', { alternates: ['network'] })).toBe('likely, specific-code');
    expect(judged('unambiguous-text', { alternates: ['network'], facts: ['clientIp'] })).toBe(
      'likely, unambiguous-text',
    );
  });

  it('is possible when its code covers several situations, likely with a fact beside it', () => {
    expect(judged('ambiguous-code')).toBe('possible, ambiguous-code');
    expect(judged('ambiguous-code', { facts: ['secondsLive'] })).toBe('likely, evidence');
    expect(judged('ambiguous-code', { facts: ['reason', 'secondsLive'] })).toBe('likely, evidence');
  });

  it.each([
    'reason',
    'code',
    'errcode',
    'subErrcode',
    'bypassCode',
    'reasonText',
    'account',
    'domain',
    'app',
    'stream',
    'endedAt',
  ])('is not made likelier by %s, which only repeats it or names the stream', (fact) => {
    expect(judged('ambiguous-code', { facts: [fact] })).toBe('possible, ambiguous-code');
  });

  it('is certain with a fact that the rule calls decisive, also against another reason', () => {
    const params = { decisive: ['secondsPastExpiry'] };
    const facts = ['reason', 'secondsPastExpiry'];
    expect(judged('ambiguous-code', { facts, params })).toBe('certain, decisive-evidence');
    expect(judged('specific-code', { facts, params, alternates: ['network'] })).toBe(
      'certain, decisive-evidence',
    );
    expect(judged('ambiguous-code', { facts: ['reason'], params })).toBe(
      'possible, ambiguous-code',
    );
    expect(judged('specific-code', { facts, params })).toBe('certain, specific-code');
  });

  it('is only possible when its text resembles a known one, whatever else is known', () => {
    const params = { decisive: ['secondsPastExpiry'] };
    expect(judged('similar-text', { facts: ['secondsPastExpiry'], params })).toBe(
      'possible, similar-text',
    );
  });

  it('is no more certain than the rule allows, and no less', () => {
    expect(judged('specific-code', { params: { confidence: 'likely' } })).toBe(
      'likely, specific-code',
    );
    expect(judged('specific-code', { params: { confidence: 'possible' } })).toBe(
      'possible, specific-code',
    );
    expect(judged('ambiguous-code', { params: { confidence: 'certain' } })).toBe(
      'possible, ambiguous-code',
    );
    expect(
      judged('ambiguous-code', { facts: ['secondsLive'], params: { confidence: 'possible' } }),
    ).toBe('possible, evidence');
  });
});

describe('judgeConfidence', () => {
  it('lowers what is only possible no further when samples speak against it', () => {
    const match = { ground: 'ambiguous-code' as const, alternates: [] };
    const facts = { samplesBeforeBreak: 'steady' };
    expect(judgeConfidence(match, [], { contradictedBy }, facts)).toEqual({
      confidence: 'possible',
      ground: 'samples-contradict',
    });
  });

  it.each([
    ['certain', 'likely', { ground: 'specific-code' as const, alternates: [] }],
    ['likely', 'possible', { ground: 'ambiguous-code' as const, alternates: [] }],
  ])('lowers %s to %s when samples speak against the cause', (before, after, match) => {
    expect(judgeConfidence(match, support, { contradictedBy }, {}).confidence).toBe(before);
    expect(
      judgeConfidence(match, support, { contradictedBy }, { samplesBeforeBreak: 'uplink' }),
    ).toMatchObject({ confidence: before });
    expect(
      judgeConfidence(match, support, { contradictedBy }, { samplesBeforeBreak: 'steady' }),
    ).toEqual({ confidence: after, ground: 'samples-contradict' });
    const either = { contradictedBy: ['steady' as const, 'silent' as const] };
    expect(
      judgeConfidence(match, support, either, { samplesBeforeBreak: 'steady' }).confidence,
    ).toBe(after);
    expect(judgeConfidence(match, support, {}, { samplesBeforeBreak: 'steady' }).confidence).toBe(
      before,
    );
  });

  it('leaves a guess from a similar text, and what no rule explains, as they are', () => {
    const facts = { samplesBeforeBreak: 'steady' };
    const guess = { ground: 'similar-text' as const, alternates: [] };
    expect(judgeConfidence(guess, support, { contradictedBy }, facts)).toEqual({
      confidence: 'possible',
      ground: 'similar-text',
    });
    const unknown = { ground: 'unrecognized' as const, alternates: [] };
    expect(judgeConfidence(unknown, undefined, { contradictedBy }, facts)).toEqual({
      confidence: 'possible',
      ground: 'unrecognized',
    });
  });
});
