import { LANGUAGES, type Language } from './vocabulary.ts';

/** One text in several languages. English is always there and is the fall-back of the others. */
export type LocalizedText = { en: string } & Partial<Record<Language, string>>;

/** Picks a language, falling back to English when the text has not been translated. */
export function pickText(text: LocalizedText, language: Language): string {
  return text[language] ?? text.en;
}

/**
 * Applies a function to each language's text.
 *
 * @param change - gets the text and its language, returns the new text
 */
export function mapText(
  text: LocalizedText,
  change: (words: string, language: Language) => string,
): LocalizedText {
  const changed: LocalizedText = { en: change(text.en, 'en') };
  for (const language of LANGUAGES) {
    const words = text[language];
    if (words !== undefined) {
      changed[language] = change(words, language);
    }
  }
  return changed;
}
