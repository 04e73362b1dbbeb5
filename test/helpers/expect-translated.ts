import { expect } from 'vitest';
import type { Language } from '../../src/model/vocabulary.ts';

/** Every text by its path; functions with sample values, which show in the text. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'function') {
    return [[path, String(value('7', '8', '9'))]];
  }
  return typeof value === 'string'
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([key, part]) => textsOf(part, `${path}.${key}`));
}

/** Expects that a language has every text of English, none in English, and each with its values. */
export function expectTranslated<T extends object>(
  strings: Record<Language, T>,
  language: Language,
): void {
  const english = new Map(textsOf(strings.en));
  const texts = new Map(textsOf(strings[language]));
  expect([...texts.keys()]).toEqual([...english.keys()]);
  expect([...texts].filter(([path, text]) => text === english.get(path))).toEqual([]);
  const numbers = (text: string) => (text.match(/[789]/g) ?? []).sort().join();
  for (const [path, text] of texts) {
    expect([path, numbers(text)]).toEqual([path, numbers(english.get(path) as string)]);
  }
}
