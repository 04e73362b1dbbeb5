import { expect, it } from 'vitest';
import { RULES_STRINGS } from '../../../src/web/words/rules-words.ts';

/** Every text by its path; functions with sample values, which show in the text. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'function') {
    return [[path, String(value('7', '8', '9'))]];
  }
  return typeof value === 'string'
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([key, part]) => textsOf(part, `${path}.${key}`));
}

const english = new Map(textsOf(RULES_STRINGS.en));

it.each(['zh', 'ja', 'ko'] as const)('translates every text to %s, with its values', (language) => {
  const texts = new Map(textsOf(RULES_STRINGS[language]));
  expect([...texts.keys()]).toEqual([...english.keys()]);
  expect([...texts].filter(([path, text]) => text === english.get(path))).toEqual([]);
  const numbers = (text: string) => (text.match(/[789]/g) ?? []).sort().join();
  for (const [path, text] of texts) {
    expect([path, numbers(text)]).toEqual([path, numbers(english.get(path) as string)]);
  }
});
