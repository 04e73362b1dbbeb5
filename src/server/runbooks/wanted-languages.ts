import { isOneOf, LANGUAGES, type Language } from '../../model/vocabulary.ts';

/** More entries than this are not read. */
const MAX_ENTRIES = 20;

/**
 * The languages that a browser asks for, of those that Breakwatch speaks.
 *
 * @param header - `Accept-Language`, RFC 9110 §12.5.4
 * @returns the most wanted first, each once
 */
export function wantedLanguages(header: string | undefined): Language[] {
  const entries = (header ?? '').split(',', MAX_ENTRIES).map((entry) => {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = parameters.find((one) => /^q=/i.test(one))?.slice(2);
    return {
      language: range.toLowerCase().split('-', 1)[0] ?? '',
      quality: quality === undefined ? 1 : Number(quality) || 0,
    };
  });
  const wanted = entries
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ language }) => language)
    .filter((language): language is Language => isOneOf(LANGUAGES, language));
  return [...new Set(wanted)];
}
