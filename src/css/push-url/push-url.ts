import { createHash, timingSafeEqual } from 'node:crypto';
import type { FactValue } from '../../model/facts.ts';
import { unescapeText } from '../../secrets/unescape-text.ts';
import { printCssTime } from '../css-time.ts';

/** A push authentication key. A domain may have two: the primary and the backup key. */
export interface PushKey {
  /** Push domain; `*` stands for every domain of the account. */
  domain: string;
  key: string;
}

/** What the query of a push URL says of its authentication. */
export interface PushParams {
  /** txTime as written; null when there is none. */
  txTime: string | null;
  /** txSecret as written, a secret; null when there is none. */
  txSecret: string | null;
}

/** Expiries outside these (2001 and 2200), in Unix seconds, are misread numbers. */
const EARLIEST = 1_000_000_000;
const LATEST = 7_258_118_400;

/**
 * Reads txTime and txSecret from a push URL's query, an SRT stream id, or a whole URL. Names in
 * another case, with signs between, or escaped are found too: that they were there, yet CSS did
 * not see them, is what explains such a refusal.
 */
export function parsePushParams(streamParam: string): PushParams {
  const params: PushParams = { txTime: null, txSecret: null };
  const { plain } = unescapeText(streamParam);
  for (const part of plain.split(/[?&,;#\s]/)) {
    const equals = part.indexOf('=');
    if (equals < 0) {
      continue;
    }
    const name = part
      .slice(0, equals)
      .toLowerCase()
      .replace(/[^a-z]/g, '');
    const value = part.slice(equals + 1).trim();
    if (name === 'txtime') {
      params.txTime ??= value;
    } else if (name === 'txsecret') {
      params.txSecret ??= value;
    }
  }
  return params;
}

/**
 * Reads a txTime: the expiry in Unix seconds as hex; CSS takes decimal as well.
 *
 * @returns epoch ms UTC, or null when neither reading is a time of our days
 */
export function parseTxTime(txTime: string): number | null {
  const readings = [
    /^(?:0x)?[0-9a-f]{1,12}$/i.test(txTime) ? Number.parseInt(txTime, 16) : Number.NaN,
    /^\d{1,12}$/.test(txTime) ? Number(txTime) : Number.NaN,
  ];
  const seconds = readings.find((reading) => reading >= EARLIEST && reading <= LATEST);
  return seconds === undefined ? null : seconds * 1000;
}

/** How a push domain makes txSecret; MD5 unless its console setting says SHA256. */
export type TxSecretHash = 'md5' | 'sha256';

/**
 * Computes txSecret: the hash of key + StreamName + txTime, lower-case hex, with txTime as written
 * in the URL (source: the anti-leech document 267/31560, and 267/31059 for SHA256).
 */
export function computeTxSecret(
  key: string,
  stream: string,
  txTime: string,
  hash: TxSecretHash = 'md5',
): string {
  return createHash(hash).update(`${key}${stream}${txTime}`).digest('hex');
}

/** The keys of a domain, and those for every domain. */
export function keysOfDomain(domain: string, keys: readonly PushKey[]): PushKey[] {
  const wanted = domain.toLowerCase();
  return keys.filter((key) => key.domain === '*' || key.domain.toLowerCase() === wanted);
}

/**
 * Tells whether a txSecret was made with one of these keys; its length tells the hash. Takes the
 * same time whether it fits or not.
 */
export function fitsTxSecret(
  txSecret: string,
  stream: string,
  txTime: string,
  keys: readonly PushKey[],
): boolean {
  const given = digest(txSecret.toLowerCase());
  const hash = txSecret.length === 64 ? 'sha256' : 'md5';
  return (
    keys.filter(({ key }) =>
      timingSafeEqual(given, digest(computeTxSecret(key, stream, txTime, hash))),
    ).length > 0
  );
}

function secretMatches(params: PushParams, push: PushMoment, keys: readonly PushKey[]): string {
  const own = keysOfDomain(push.domain, keys);
  if (own.length === 0) {
    return 'keyUnknown';
  }
  return fitsTxSecret(params.txSecret ?? '', push.stream, params.txTime ?? '', own) ? 'yes' : 'no';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The push that a URL was used for. Times are epoch ms UTC. */
export interface PushMoment {
  domain: string;
  stream: string;
  startedAt: number | null;
  /** Null while the push is live. */
  endedAt: number | null;
}

/**
 * Derives all that is needed of a push URL before its secret is masked: txTimePresent,
 * txTimeUnreadable, txTime (ISO 8601 UTC), secondsPastExpiry (when the push began), secondsPastExpiryAtBreak,
 * txSecretPresent and txSecretMatches. What can not be told is left out.
 */
export function derivePushParams(
  streamParam: string,
  push: PushMoment,
  pushKeys: readonly PushKey[],
): Record<string, FactValue> {
  const params = parsePushParams(streamParam);
  const derived: Record<string, FactValue> = {
    txTimePresent: params.txTime !== null,
    txSecretPresent: params.txSecret !== null,
  };
  const expiresAt = params.txTime === null ? null : parseTxTime(params.txTime);
  if (params.txTime !== null && expiresAt === null) {
    derived.txTimeUnreadable = true;
  }
  if (expiresAt !== null) {
    derived.txTime = printCssTime(expiresAt);
    if (push.startedAt !== null) {
      derived.secondsPastExpiry = Math.floor((push.startedAt - expiresAt) / 1000);
    }
    if (push.endedAt !== null) {
      derived.secondsPastExpiryAtBreak = Math.floor((push.endedAt - expiresAt) / 1000);
    }
  }
  if (params.txSecret !== null) {
    derived.txSecretMatches = secretMatches(params, push, pushKeys);
  }
  return derived;
}
