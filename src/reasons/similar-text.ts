import { createCorrectWords } from './correct-words.ts';
import { plainText } from './normalize-text.ts';
import { createFindSimilarMeaning, type SimilarReason, type Wording } from './similar-meaning.ts';
import { alternatesOf, weighFeatures } from './similarity.ts';
import { cuesOf } from './text-cues.ts';
import { meaningOf } from './word-meanings.ts';

/** Finds the reason that a text resembles; null when it resembles none, or several alike. */
export type FindSimilar = (text: string) => SimilarReason | null;

/** A text with a lower similarity to every wording is not recognized. */
const MIN_SCORE = 0.58;
/** The best reason must be this much more similar than the second best. */
const MIN_MARGIN = 0.08;
/** One word or pair of characters alone is no evidence. */
const MIN_SHARED = 2;
/** CSS's longest text has about 130 characters. A longer text says more than one of them. */
const MAX_LENGTH = 240;

const LATIN_WORD = /[\p{Script=Latin}\p{N}]+(?:'[a-z]+)?/gu;
const ONLY_DIGITS = /^\p{N}+$/u;
const EAST_ASIAN_RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+/gu;

/** English words that all reasons share or that carry no meaning of their own. */
const FILLERS = new Set(
  'a an and are as at be because been being by due for from had has have in is it its of on or s t that the there to was were which with you your yours our we this actively currently current corresponding'.split(
    ' ',
  ),
);

/** English words that CSS's documents use for the same thing. */
const SYNONYMS = new Map(
  Object.entries({
    link: 'url',
    address: 'url',
    stream: 'push',
    streaming: 'push',
    customer: 'user',
    client: 'user',
    host: 'user',
    broadcaster: 'user',
    css: 'service',
    lvb: 'service',
    live: 'service',
    arrears: 'overdue',
    blacklist: 'blocklist',
    whitelist: 'allowlist',
    exception: 'error',
    abnormal: 'error',
    failure: 'fail',
    identify: 'recognize',
    recognise: 'recognize',
    stop: 'interrupt',
    disconnect: 'interrupt',
    interruption: 'interrupt',
    turn: 'disable',
    off: 'disable',
    deactivate: 'disable',
    close: 'disable',
    suspend: 'disable',
    ban: 'forbid',
    block: 'forbid',
    forbidden: 'forbid',
    prohibit: 'forbid',
    invalid: 'illegal',
    unallowed: 'illegal',
    maximum: 'limit',
    max: 'limit',
    exceed: 'limit',
    reach: 'limit',
    period: 'time',
    prolong: 'long',
    verification: 'authentication',
    auth: 'authentication',
    param: 'parameter',
    expiration: 'expire',
    expiry: 'expire',
    info: 'information',
    app: 'application',
    replacing: 'replace',
    char: 'character',
  }),
);

function stemOf(word: string): string {
  const known = SYNONYMS.get(word);
  if (known === undefined && word.length <= 4) {
    return word;
  }
  const stem = word
    .replace(/'s$/u, '')
    .replace(/(?<=[^s])s$/u, '')
    .replace(/(?<=[a-z]{3})(?:ed|ing)$/u, '');
  const same = known ?? SYNONYMS.get(stem) ?? SYNONYMS.get(`${stem}e`) ?? stem;
  // "disabled" has lost its e, so the word that synonyms stand for must lose it too.
  return same.replace(/e$/u, '');
}

/** What two texts are compared by: English words, and pairs of neighbouring East Asian characters. */
function featuresOf(text: string): Set<string> {
  const plain = plainText(text);
  const features = new Set<string>();
  for (const [word] of plain.matchAll(LATIN_WORD)) {
    if (!FILLERS.has(word) && !ONLY_DIGITS.test(word)) {
      features.add(stemOf(word));
    }
  }
  // Korean puts spaces between words, and editions differ in where.
  for (const [run] of plain.replace(/\s+/gu, '').matchAll(EAST_ASIAN_RUN)) {
    const letters = [...run];
    for (let at = 0; at + 1 < letters.length; at++) {
      features.add(`${letters[at]}${letters[at + 1]}`);
    }
  }
  return features;
}

interface Entry {
  reason: string;
  text: string;
  features: Set<string>;
  weight: number;
  cues: ReadonlyMap<string, number>;
}

/** A text may only say what the wording says too: the same negations, and no other subject or state. */
function saysTheSame(cues: ReadonlyMap<string, number>, known: ReadonlyMap<string, number>) {
  return (
    (cues.get('not') ?? 0) === (known.get('not') ?? 0) &&
    [...cues.keys()].every((cue) => known.has(cue))
  );
}

/**
 * Prepares the search for reasons of texts that differ from all known wordings, such as those of a new edition
 * of CSS's documents. A text of which all words are known is compared by their meanings. Other texts are compared
 * letter by letter, with wordings that have unknown words too: those of other languages, and a team's own. A text
 * that negates a wording, or speaks of another subject (playback, recording), of the future or of a recovery, is
 * not recognized, however similar it is.
 *
 * @param wordings - all known wordings
 */
export function createFindSimilar(wordings: readonly Wording[]): FindSimilar {
  const findSimilarWords = createFindSimilarWords(wordings);
  // Reading all wordings takes tens of milliseconds, and most threads never see a text of known words.
  let findSimilarMeaning: ReturnType<typeof createFindSimilarMeaning> | undefined;
  let correctWords: ReturnType<typeof createCorrectWords> | undefined;
  const find = (text: string) => {
    const meaning = meaningOf(text);
    if (!meaning.isAllKnown) {
      return findSimilarWords(text);
    }
    findSimilarMeaning ??= createFindSimilarMeaning(
      wordings.map((wording) => ({ ...wording, meaning: meaningOf(wording.text) })),
    );
    return findSimilarMeaning(meaning);
  };
  return (text) => {
    if (text.length > MAX_LENGTH) {
      return null;
    }
    if (!/[a-z]/i.test(text)) {
      return find(text);
    }
    correctWords ??= createCorrectWords(wordings.map((wording) => wording.text));
    return find(correctWords(text));
  };
}

/** Finds a wording with unknown words by its words and pairs of letters. Those that few reasons use count more. */
function createFindSimilarWords(wordings: readonly Wording[]): FindSimilar {
  const drafts = wordings.map(({ reason, text }) => ({
    reason,
    text,
    features: featuresOf(text),
    cues: cuesOf(text),
  }));
  const { weightOf, sum } = weighFeatures(drafts);
  const entries: Entry[] = drafts.map((draft) => ({ ...draft, weight: sum(draft.features) }));
  const postings = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (const feature of entry.features) {
      const list = postings.get(feature) ?? [];
      list.push(entry);
      postings.set(feature, list);
    }
  }

  return (text) => {
    const features = featuresOf(text);
    const weight = sum(features);
    const shared = new Map<Entry, { count: number; weight: number }>();
    for (const feature of features) {
      for (const entry of postings.get(feature) ?? []) {
        const { count, weight: before } = shared.get(entry) ?? { count: 0, weight: 0 };
        shared.set(entry, { count: count + 1, weight: before + weightOf(feature) });
      }
    }
    const cues = cuesOf(text);
    const best = new Map<string, number>();
    const trusted = new Map<string, number>();
    for (const [entry, common] of shared) {
      const score = (2 * common.weight) / (weight + entry.weight);
      best.set(entry.reason, Math.max(best.get(entry.reason) ?? 0, score));
      // A wording of known words is found by its meaning, and only competes here.
      if (
        score >= MIN_SCORE &&
        common.count >= MIN_SHARED &&
        saysTheSame(cues, entry.cues) &&
        !meaningOf(entry.text).isAllKnown
      ) {
        trusted.set(entry.reason, Math.max(trusted.get(entry.reason) ?? 0, score));
      }
    }
    const ranked = [...best].sort((a, b) => b[1] - a[1]);
    const [first, second] = ranked;
    const score = first ? (trusted.get(first[0]) ?? 0) : 0;
    if (!first || score < MIN_SCORE || score - (second?.[1] ?? 0) < MIN_MARGIN) {
      return null;
    }
    const alternates = alternatesOf(best, first[0], score);
    return { reason: first[0], alternates, score };
  };
}
