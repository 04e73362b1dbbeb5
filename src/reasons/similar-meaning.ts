import { alternatesOf, weighFeatures } from './similarity.ts';
import type { Meaning } from './word-meanings.ts';

/** A known wording of a reason. */
export interface Wording {
  reason: string;
  text: string;
}

/** A known wording, with what its words mean. */
export interface ReadWording extends Wording {
  meaning: Meaning;
}

/** The reason of a text that resembles known wordings. */
export interface SimilarReason {
  reason: string;
  /** Ids of the next most similar reasons, most similar first. */
  alternates: string[];
  /** 0 to 1: similarity to the nearest wording of the reason. */
  score: number;
}

/** Meanings that a text may have or lack beside the decisive ones. */
const INCIDENTAL = new Set([
  'account',
  'contain',
  'content',
  'existing',
  'limit',
  'long time',
  'new',
  'parameter',
  'push',
  'single',
  'size',
  'ticket',
  'top-up',
  'url',
  'user',
]);
/** Meanings that only a reason of a push can have. Without one, a text may be about anything. */
const ANCHORS = [
  'AMF',
  'RTMP',
  'SRS',
  'authentication parameter',
  'channel mode',
  'expiry parameter',
  'live service',
  'no data',
  'proxy',
  'push',
  'stream name',
  'third party',
];
/** What is stopped here stays so until somebody does something: it is disabled. */
const STATES = ['app', 'channel', 'domain', 'live service', 'stream name'];
/** Of two reasons with the same meaning, the one that this many times more wordings have is meant. */
const CLEAR_MAJORITY = 3;

/** Expressions with several meanings. */
const PARTS = [
  { of: 'AppName', are: ['app', 'push'] },
  { of: 'forbid push', are: ['disable', 'push'] },
  { of: 'push client', are: ['user', 'push'] },
];

/** Brings meanings that say the same together, so that "stopped" beside a service is "disabled". */
function simplify(known: ReadonlySet<string>): Set<string> {
  const meanings = new Set(known);
  const has = (meaning: string) => meanings.has(meaning);
  const swap = (from: string, to: string) => {
    if (meanings.delete(from)) {
      meanings.add(to);
    }
  };
  swap('fail', 'error');
  for (const part of PARTS) {
    if (meanings.delete(part.of)) {
      for (const meaning of part.are) {
        meanings.add(meaning);
      }
    }
  }
  swap('forbid', 'disable');
  if (has('no data') || has('not played')) {
    swap('disable', 'stop');
  } else if (STATES.some(has) && !has('request') && !has('user')) {
    swap('stop', 'disable');
  }
  if (has('authentication parameter') && has('error')) {
    meanings.add('authentication');
  }
  if (has('protocol') || has('AMF')) {
    swap('invalid', 'error');
  }
  if (!has('authentication') || has('third party')) {
    meanings.delete('rejected');
  }
  if (has('too many') && !has('frame') && !has('frame rate')) {
    meanings.add('number');
  }
  if (has('frame') && has('single')) {
    meanings.add('RTMP');
  }
  if (has('expired')) {
    meanings.delete('expiry parameter');
  }
  if (has('request') || has('command') || has('replace')) {
    meanings.delete('receive');
  }
  if (has('unknown')) {
    meanings.delete('stop');
  }
  return meanings;
}

function keyOf(meanings: ReadonlySet<string>): string {
  return [...meanings]
    .filter((meaning) => !INCIDENTAL.has(meaning))
    .sort()
    .join(', ');
}

/**
 * Prepares the search for reasons by the meanings of words, in four languages at once. A text must have every
 * decisive meaning of a wording and no other, and must not have a single unknown word: "the service is suspended"
 * may be that of text messages. So it finds nothing rather than the wrong reason.
 *
 * @param wordings - known wordings; those with unknown words are ignored
 * @returns finds the reason of a text by what it means, if all of its words are known
 */
export function createFindSimilarMeaning(
  wordings: readonly ReadWording[],
): (meaning: Meaning) => SimilarReason | null {
  const drafts = wordings
    .filter(({ meaning }) => meaning.isAllKnown)
    .map(({ reason, meaning }) => ({ reason, features: simplify(meaning.known) }));
  const { sum } = weighFeatures(drafts);
  const entries = drafts.map(({ reason, features }) => ({
    reason,
    features,
    // The decisive ones as one text.
    key: keyOf(features),
    weight: sum(features),
  }));

  return ({ known }) => {
    const meanings = simplify(known);
    if (!ANCHORS.some((anchor) => known.has(anchor) || meanings.has(anchor))) {
      return null;
    }
    const key = keyOf(meanings);
    const weight = sum(meanings);
    const score = new Map<string, number>();
    const support = new Map<string, number>();
    for (const entry of entries) {
      const common = sum([...meanings].filter((meaning) => entry.features.has(meaning)));
      const similarity = (2 * common) / (weight + entry.weight);
      score.set(entry.reason, Math.max(score.get(entry.reason) ?? 0, similarity));
      if (key !== '' && entry.key === key) {
        support.set(entry.reason, (support.get(entry.reason) ?? 0) + 1);
      }
    }
    const [first, second] = [...support].sort((a, b) => b[1] - a[1]);
    if (!first || first[1] < CLEAR_MAJORITY * (second?.[1] ?? 0)) {
      return null;
    }
    const [reason] = first;
    const best = score.get(reason) as number;
    const alternates = alternatesOf(score, reason, best);
    return { reason, alternates, score: best };
  };
}
