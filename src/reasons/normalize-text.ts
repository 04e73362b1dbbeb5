/** A reason text made comparable, with the errcode that stood in parentheses at its end. */
export interface NormalizedText {
  /** Empty when nothing comparable is left. */
  text: string;
  /** The number of a trailing `(3)`, or null. */
  errcode: number | null;
}

const FINAL_SIGNS = /[.。!]+$/u;
const FINAL_NUMBER = /\((\d{1,3})\)$/u;
// White space, and characters that take no room and that copy and paste leaves behind.
const BLANK = /[\s\u00ad\u200b-\u200f\u2060\ufeff]+/gu;

/**
 * Takes away what differs between sources of the same words: full-width signs and half-width
 * kana, letter case, any white space, curly apostrophes, final punctuation, and the errcode in
 * parentheses that the API appends (`客户端主动断流(3)`).
 *
 * @param words - a reason text in any language
 */
export function normalizeText(words: string): NormalizedText {
  // NFKC turns full-width signs into ASCII and joins Korean letters that arrive taken apart.
  let text = words.normalize('NFKC').toLowerCase().replace(BLANK, '').replace(/[’‘]/gu, "'");
  text = text.replace(FINAL_SIGNS, '');
  const number = FINAL_NUMBER.exec(text);
  if (number) {
    text = text.slice(0, number.index).replace(FINAL_SIGNS, '');
  }
  return { text, errcode: number ? Number(number[1]) : null };
}
