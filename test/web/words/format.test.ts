import { describe, expect, it } from 'vitest';
import { formatRange } from '../../../src/web/words/format.ts';

describe('formatRange', () => {
  it.each([
    [1, 'en', '1 h'],
    [24, 'en', '24 h'],
    [24, 'ko', '24시간'],
    [168, 'zh', '7 天'],
    [720, 'ja', '30 日'],
  ] as const)('%i hours in %s: %s', (hours, language, name) => {
    expect(formatRange(hours, language)).toBe(name);
  });
});
