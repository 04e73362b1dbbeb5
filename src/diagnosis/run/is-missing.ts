import type { Facts } from '../../model/facts.ts';

function has(facts: Facts, name: string): boolean {
  return Object.hasOwn(facts, name);
}

/** The history of the stream was read, so what it does not tell of did not happen. */
function historyKnown(facts: Facts): boolean {
  return has(facts, 'breaksOfStream10m');
}

/** Facts whose absence can itself be known, and when it is. */
const KNOWN_ABSENT: Record<string, (facts: Facts) => boolean> = {
  previousReason: historyKnown,
  previousCategory: historyKnown,
  secondsSincePreviousBreak: historyKnown,
  txTime: (facts) => facts.txTimePresent === false,
  txTimeUnreadable: (facts) => has(facts, 'txTimePresent'),
  secondsPastExpiry: (facts) => facts.txTimePresent === false,
  secondsPastExpiryAtBreak: (facts) => facts.txTimePresent === false,
  txSecretMatches: (facts) => facts.txSecretPresent === false,
  // An event is either one of CSS or one of bypass live.
  bypassCode: (facts) => has(facts, 'errcode') || has(facts, 'reasonText'),
  code: (facts) => has(facts, 'bypassCode'),
  errcode: (facts) => has(facts, 'bypassCode'),
  subErrcode: (facts) => has(facts, 'bypassCode') || !SUB_CODED.has(facts.errcode as number),
  reasonText: (facts) => has(facts, 'code') || has(facts, 'bypassCode'),
};

/** errcodes that have sub codes. */
const SUB_CODED = new Set([18, 21]);

/**
 * Tells whether a fact was wanted and nobody knew it. A fact that is absent because there is
 * nothing to know (no earlier break, no txTime in the URL) was checked.
 */
export function isMissing(name: string, facts: Facts): boolean {
  return !has(facts, name) && !(Object.hasOwn(KNOWN_ABSENT, name) && KNOWN_ABSENT[name]?.(facts));
}
