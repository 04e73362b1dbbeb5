import { expect, it } from 'vitest';
import { lookUp } from '../../src/reasons/lookup-code.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { normalizeText } from '../../src/reasons/normalize-text.ts';

it('looks at the beginning of a text alone, so that a long one takes no time', () => {
  const long = `${'.'.repeat(5_000_000)}x`;
  expect(normalizeText(long).text.length).toBeLessThanOrEqual(2_000);
  expect(matchReason({ text: long }).reason).toBe('unrecognized');
  expect(lookUp(long)).toEqual([]);
  expect(lookUp(`InternalError${' '.repeat(5_000_000)}x`)).toEqual([]);
});

it('removes what differs between sources of a text', () => {
  expect(normalizeText(' 客户端主动断流（3）。')).toEqual({ text: '客户端主动断流', errcode: 3 });
});
