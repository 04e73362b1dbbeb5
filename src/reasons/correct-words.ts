import { plainText } from './normalize-text.ts';
import { cuesOf } from './text-cues.ts';
import { meaningOf } from './word-meanings.ts';

const WORD = /[a-z]+/gu;
/** Shorter words have too many neighbours. */
const MIN_LENGTH = 5;

/** Whether one word is the other with two neighbouring letters swapped, or one letter left out or doubled up. */
function isSlip(one: string, other: string): boolean {
  if (one[0] !== other[0] || Math.abs(one.length - other.length) > 1) {
    return false;
  }
  let at = 0;
  while (at < one.length && one[at] === other[at]) {
    at += 1;
  }
  const [a, b] = [one.slice(at), other.slice(at)];
  if (a.length === b.length) {
    return a.length > 1 && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  }
  return a.length > b.length ? a.slice(1) === b : b.slice(1) === a;
}

/**
 * Prepares the correction of slips of the pen in English words: `becuase`, `stoped`, `genrated`. A letter in place of
 * another one is not corrected, because that makes another word of many (`paused`, `passed`).
 *
 * @param texts - whose words are right
 * @returns corrects a text; a text without slips is returned as it is
 */
export function createCorrectWords(texts: readonly string[]): (text: string) => string {
  const known = new Set(
    texts
      .flatMap((text) => plainText(text).match(WORD) ?? [])
      .filter((word) => word.length >= MIN_LENGTH),
  );
  return (text) => {
    const plain = plainText(text);
    const corrected = plain.replace(WORD, (word) => {
      if (
        word.length < MIN_LENGTH ||
        known.has(word) ||
        cuesOf(word).size > 0 ||
        meaningOf(word).isAllKnown
      ) {
        return word;
      }
      const meant = [...known].filter((other) => isSlip(word, other));
      return meant.length === 1 ? (meant[0] as string) : word;
    });
    return corrected === plain ? text : corrected;
  };
}
