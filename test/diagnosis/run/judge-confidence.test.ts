import { describe, expect, it } from 'vitest';
import { judgeConfidence } from '../../../src/diagnosis/run/judge-confidence.ts';
import type { Support } from '../../../src/diagnosis/run/read-evidence.ts';

const support: Support[] = [
  { leaf: { fact: 'secondsLive', operator: 'greaterThan', value: 5 }, negated: false },
];
const contradictedBy = ['steady' as const];

describe('judgeConfidence', () => {
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
