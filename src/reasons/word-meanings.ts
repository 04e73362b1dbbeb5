import { plainText } from './normalize-text.ts';
import { cuesOf } from './text-cues.ts';
import { FILLERS, MEANINGS } from './word-lexicon.ts';

/** A text by its meanings. */
export interface Meaning {
  /** The meanings of its words. */
  known: ReadonlySet<string>;
  /** Whether nothing else is left that means something, or that turns the meaning around. */
  isAllKnown: boolean;
}

const BETWEEN = '|';
const LETTERS = /\p{L}/u;

/** Scripts by which a text's language is told; the first that a pattern has is its own. */
const SCRIPTS = [
  /\p{Script=Hangul}/u,
  /[\p{Script=Hiragana}\p{Script=Katakana}]/u,
  /\p{Script=Han}/u,
  LETTERS,
] as const;
const scriptOf = ({ source }: RegExp) => SCRIPTS.find((script) => script.test(source)) ?? LETTERS;

const PATTERNS = MEANINGS.map(([meaning, ...patterns]) => ({
  meaning,
  patterns: patterns.map((pattern) => ({ pattern, script: scriptOf(pattern) })),
}));

/** Reads what the words of a text mean. @param text - at most some hundred characters */
export function meaningOf(text: string): Meaning {
  let rest = plainText(text).replace(/\s+/gu, ' ');
  const known = new Set<string>();
  const scripts = new Set(SCRIPTS.filter((script) => script.test(rest)));
  for (const { meaning, patterns } of PATTERNS) {
    for (const { pattern, script } of patterns) {
      if (scripts.has(script)) {
        rest = rest.replace(pattern, () => {
          // What is twice missing may be there.
          known.add(meaning === 'missing' && known.has(meaning) ? 'missing twice' : meaning);
          return BETWEEN;
        });
      }
    }
  }
  const isTurned = cuesOf(rest).size > 0;
  for (const filler of FILLERS) {
    rest = rest.replace(filler, ' ');
  }
  return { known, isAllKnown: known.size > 0 && !isTurned && !LETTERS.test(rest) };
}
