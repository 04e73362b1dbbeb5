import { cuesOf } from './text-cues.ts';

/** Quotation marks, the opening one with its closing one. */
const QUOTED =
  /“([^“”]{2,240})”|"([^"]{2,240})"|「([^「」]{2,240})」|『([^『』]{2,240})』|‘([^‘’]{2,240})’|«([^«»]{2,240})»|《([^《》]{2,240})》|【([^【】]{2,240})】/gu;
/** Where a reason text can begin or end in a line that says more. */
const WORD_END = /[\s“”"「」『』‘’《》【】[\](){}<>:：;；,，。、.!！?？|→@#=\u2013\u2014-]+/gu;
/** The same for texts that only resemble a known one, as to compare them takes a hundred times as long. */
const CLAUSE_END =
  /(?:[“”"「」『』‘’《》【】[\](){}<>:：;；,，。、!！?？|→@#=\n]|[.\u2013\u2014-](?=\s|$)|(?<=\s)-)+\s*/gu;
/** Bounds of the search. */
const BETWEEN = {
  words: { end: WORD_END, maxParts: 60, maxRun: 26 },
  clauses: { end: CLAUSE_END, maxParts: 16, maxRun: 3 },
};
const MAX_FOUND = 3;
/** A shorter text alone says too little, without white space. */
const MIN_LENGTH = 6;

/**
 * Finds the reason texts that a longer text quotes: in quotation marks, or between the signs of a line of a log or a
 * chat. Without quotation marks, the rest must not say the opposite.
 *
 * @param text - at most some thousand characters
 * @param isKnown - whether a text is a reason text; called 1,600 times at most for words, 50 for clauses
 * @param between - where a text that is not in quotation marks can begin or end
 * @returns the longest ones in the order of the text, at most three
 */
export function findQuoted(
  text: string,
  isKnown: (part: string) => boolean,
  between: keyof typeof BETWEEN,
): string[] {
  const inQuotes = findInQuotes(text, isKnown);
  return (inQuotes.length > 0 ? inQuotes : findBetween(text, isKnown, between)).slice(0, MAX_FOUND);
}

/** Finds the reason texts in quotation marks. @param isKnown - whether a text is a reason text */
export function findInQuotes(text: string, isKnown: (part: string) => boolean): string[] {
  return [...text.matchAll(QUOTED)]
    .map((match) => match.slice(1).find((part) => part !== undefined) as string)
    .filter(isKnown)
    .slice(0, MAX_FOUND);
}

/** The longest known texts between boundaries, one after the other. */
function findBetween(
  text: string,
  isKnown: (part: string) => boolean,
  between: keyof typeof BETWEEN,
): string[] {
  const { end, maxParts, maxRun } = BETWEEN[between];
  const ends = [
    0,
    ...[...text.matchAll(end)].flatMap(({ index, 0: signs }) => [index, index + signs.length]),
    text.length,
  ];
  const parts: { from: number; to: number }[] = [];
  for (let at = 0; at + 1 < ends.length; at += 2) {
    const [from, to] = [ends[at] as number, ends[at + 1] as number];
    if (to > from) {
      parts.push({ from, to });
    }
  }
  if (parts.length < 2 || parts.length > maxParts) {
    return [];
  }
  const found: string[] = [];
  let rest = text;
  for (let first = 0; first < parts.length; first++) {
    for (let last = Math.min(parts.length, first + maxRun) - 1; last >= first; last--) {
      const part = text.slice(parts[first]?.from, parts[last]?.to);
      if (
        part.replace(/\s/gu, '').length >= MIN_LENGTH &&
        part.length < text.length &&
        isKnown(part)
      ) {
        found.push(part);
        rest = rest.replace(part, ' ');
        first = last;
        break;
      }
    }
  }
  return cuesOf(rest).size === 0 ? found : [];
}
