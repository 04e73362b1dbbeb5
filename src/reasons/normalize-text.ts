import { simplifyChinese } from './simplify-chinese.ts';

/** A reason text in a form that can be compared, with the errcode in parentheses at its end. */
export interface NormalizedText {
  /** May be empty. */
  text: string;
  /** The number of a trailing `(3)`, or null. */
  errcode: number | null;
}

const FINAL_SIGNS = /[.。!]+$/u;
const FINAL_NUMBER = /\((\d{1,3})\)$/u;
// White space, the marks of code in documents, and zero-width characters that copy and paste adds.
const BLANK = /[\s`\u00ad\u200b-\u200f\u2060\ufeff]+/gu;
const TAG = /<\/?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,200})?\/?>/giu;
const ENTITY = /&(?:#(\d{2,6})|#x([0-9a-f]{2,5})|([a-z]{2,6}));/giu;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  hellip: '…',
  ldquo: '“',
  lsquo: '‘',
  lt: '<',
  nbsp: ' ',
  quot: '"',
  rdquo: '”',
  rsquo: '’',
};

/** Known texts are a tenth as long. Of a longer text the rest is ignored, as the search for its end takes long. */
const MAX_LENGTH = 2_000;

/** A text without the tags and entities of HTML, which pages and tables add when they are copied. */
export function withoutHtml(words: string): string {
  if (!/[<&]/.test(words)) {
    return words;
  }
  return words
    .replace(TAG, ' ')
    .replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
      const point = Number(decimal ?? (hex ? `0x${hex}` : Number.NaN));
      return point <= 0x10ffff
        ? String.fromCodePoint(point)
        : (NAMED_ENTITIES[name?.toLowerCase() ?? ''] ?? whole);
    });
}

/**
 * A text in lower case, without HTML, with ASCII for full-width signs and straight apostrophes, composed Korean letters
 * and simplified Chinese characters.
 */
export function plainText(words: string): string {
  return simplifyChinese(withoutHtml(words).normalize('NFKC').toLowerCase().replace(/[’‘]/gu, "'"));
}

/**
 * Removes what differs between sources of the same text: full-width signs, half-width kana, letter case, traditional
 * characters, HTML, white space, curly apostrophes, final punctuation, and the errcode in parentheses that the API
 * appends (`客户端主动断流(3)`).
 *
 * @param words - a reason text in any language
 */
export function normalizeText(words: string): NormalizedText {
  let text = plainText(words.slice(0, MAX_LENGTH)).replace(BLANK, '');
  text = text.replace(FINAL_SIGNS, '');
  const number = FINAL_NUMBER.exec(text);
  if (number) {
    text = text.slice(0, number.index).replace(FINAL_SIGNS, '');
  }
  return { text, errcode: number ? Number(number[1]) : null };
}
