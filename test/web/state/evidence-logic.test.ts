import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { sparkPoints } from '../../../src/web/state/spark-points.ts';
import { EVIDENCE_STRINGS } from '../../../src/web/words/evidence-strings.ts';

describe('sparkPoints', () => {
  it('places the highest at the top, nothing at the bottom, and leaves silence empty', () => {
    const samples = [
      { at: 0, value: 0 },
      { at: 50, value: 10 },
      { at: 75, value: 5 },
    ];
    expect(sparkPoints(samples, 100, 200, 20)).toEqual(['0,20 100,0 150,10']);
  });

  it('breaks the line where nothing is known, and draws no single point', () => {
    const values = [1, 1, null, 1, null, 1, 1];
    const samples = values.map((value, at) => ({ at, value }));
    expect(sparkPoints(samples, 6, 60, 10)).toEqual(['0,0 10,0', '50,0 60,0']);
    expect(sparkPoints([], 10, 10, 10)).toEqual([]);
  });
});

describe('EVIDENCE_STRINGS', () => {
  it('has words of its own in every language', () => {
    for (const key of ['ask', 'asking', 'behind', 'exceptions', 'streamNow'] as const) {
      const words = LANGUAGES.map((language) => EVIDENCE_STRINGS[language][key]);
      expect(new Set(words).size).toBe(LANGUAGES.length);
    }
    for (const language of LANGUAGES) {
      expect(EVIDENCE_STRINGS[language].language).toBe(language);
      expect(EVIDENCE_STRINGS[language].backfill('shop', 41, '2026-01-01')).toMatch(
        /shop.*(41.*2026|2026.*41)/,
      );
    }
  });
});
