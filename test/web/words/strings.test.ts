import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { STRINGS, type Strings } from '../../../src/web/words/strings.ts';

/** Every text by its path; functions with sample values, which show in the text. */
function textsOf(strings: Strings): Map<string, string> {
  const texts = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (typeof value === 'function') {
      texts.set(path, String(value(7, 8, 9)));
    } else if (typeof value === 'string') {
      texts.set(path, value);
    } else {
      for (const [key, inner] of Object.entries(value as object)) {
        add(`${path}.${key}`, inner);
      }
    }
  };
  const { lang: _lang, title: _title, ...translated } = strings;
  for (const [key, value] of Object.entries(translated)) {
    add(key, value);
  }
  return texts;
}

describe('STRINGS', () => {
  const english = textsOf(STRINGS.en);

  it.each(['zh', 'ja', 'ko'] as const)('translates every text to %s', (language) => {
    const texts = textsOf(STRINGS[language]);
    expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
    const untranslated = [...texts].filter(([path, text]) => text === english.get(path));
    expect(untranslated).toEqual([]);
  });

  it.each(LANGUAGES)('puts every value into the text in %s', (language) => {
    const strings = STRINGS[language];
    expect(strings.lang).toBe(language);
    expect(strings.backfill('shop', 41, '2026-01-01')).toMatch(/shop.*(41.*2026|2026.*41)/);
    expect(strings.gap('shop', '01:00', '02:00')).toMatch(/shop.*01:00.*02:00/);
    expect(strings.streamsDown('3', '40')).toMatch(/3.*40|40.*3/);
    expect(strings.collectionDown('shop')).toContain('shop');
    expect(strings.acknowledgedBy('Ann')).toContain('Ann');
    expect(strings.noDataHint('http://host/cb')).toContain('http://host/cb');
    expect(strings.noKeyHint('shop')).toContain('shop');
    expect(strings.alertCondition(3, 'NODE', '5 m', '1 m')).toMatch(
      /(?=.*3)(?=.*NODE)(?=.*5 m)(?=.*1 m)/,
    );
    expect(strings.alertCondition(1, '', '5 m', null)).not.toMatch(/null|undefined|\s{2}/);
    expect(strings.alertMuted('weekend')).toContain('weekend');
    const mutes = ['history', 'import', 'night'].map(strings.alertMuted);
    expect(mutes.join()).not.toMatch(/history|import\b|night/);
  });
});
