import type { LocalizedText } from './localized-text.ts';
import { LANGUAGES, type Language } from './vocabulary.ts';

const OPTIONAL_SEGMENT = /\[\[(?:(?!\]\]).)*\]\]/gs;
const FULL_STOP = /[.。．]+$/u;

const splitters = Object.fromEntries(
  LANGUAGES.map((language) => [
    language,
    new Intl.Segmenter(language, { granularity: 'sentence' }),
  ]),
) as Record<Language, Intl.Segmenter>;

/** Sentences by text: rules are few, but are named for each break. */
const known = new Map<string, readonly string[]>();

/** The cache is cleared at this size, because reloaded rule sets could fill the memory. */
const MAX_KNOWN = 20_000;

/** The sentences of a rule's text that are true without its facts, without their full stops. */
function sentencesOf(template: string, language: Language): readonly string[] {
  const key = `${language} ${template}`;
  let sentences = known.get(key);
  if (sentences === undefined) {
    const plain = template.replace(OPTIONAL_SEGMENT, '').replace(/\s+/g, ' ');
    sentences = [...splitters[language].segment(plain)]
      .map(({ segment }) => segment.trim().replace(FULL_STOP, ''))
      .filter((sentence) => sentence !== '' && !sentence.includes('{{'));
    if (known.size >= MAX_KNOWN) {
      known.clear();
    }
    known.set(key, sentences);
  }
  return sentences;
}

/**
 * Names other causes of one break in a sentence each: the first sentence of the rule's cause that no other
 * cause of the break has, because causes of one code begin alike.
 *
 * @param others - causes of rules, before facts are filled in; undefined when they are not known
 * @param own - the cause of the break itself
 * @param languages - the wanted ones
 * @returns by index of `others`; undefined when the cause is not known, or says nothing without its facts
 */
export function titlesOfCauses(
  others: readonly (LocalizedText | undefined)[],
  own: LocalizedText | undefined,
  languages: readonly Language[],
): (LocalizedText | undefined)[] {
  const titles = others.map((): Partial<LocalizedText> => ({}));
  for (const language of languages) {
    const all = [...others, own].map((cause) => {
      const text = cause?.[language];
      return text === undefined ? [] : sentencesOf(text, language);
    });
    for (const [index, title] of titles.entries()) {
      const sentences = all[index] as readonly string[];
      const isShared = (sentence: string) =>
        all.some((them, other) => other !== index && them.includes(sentence));
      const chosen = sentences.find((sentence) => !isShared(sentence)) ?? sentences[0];
      if (chosen !== undefined) {
        title[language] = chosen;
      }
    }
  }
  return titles.map((title) => {
    const fallback = title.en ?? Object.values(title)[0];
    return fallback === undefined ? undefined : { ...title, en: fallback };
  });
}
