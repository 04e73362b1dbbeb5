import { hash, timingSafeEqual } from 'node:crypto';
import type { FactValue } from '../../model/facts.ts';
import { unescapeText } from '../../secrets/unescape-text.ts';
import { printCssTime } from '../css-time.ts';
import { deriveUrlMistake } from './derive-url-mistake.ts';

/** A push authentication key. A domain may have two: the primary and the backup key. */
export interface PushKey {
  /** Push domain; `*` means every domain of the account. */
  domain: string;
  key: string;
}

/** Authentication parameters of a push URL. */
export interface PushParams {
  /** txTime as written; null when it is missing. */
  txTime: string | null;
  /** txSecret as written, a secret; null when it is missing. */
  txSecret: string | null;
}

/** Unix seconds (years 2001 and 2200). Values outside were not meant as seconds in this base. */
const MIN_SECONDS = 1_000_000_000;
const MAX_SECONDS = 7_258_118_400;

/**
 * Reads txTime and txSecret from the query of a push URL, an SRT stream id, or a whole URL. Also
 * finds names that CSS does not accept (wrong case, extra characters, escaped), because they explain
 * why CSS refused the push.
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
 * Parses a txTime: the expiry in Unix seconds, in hex. CSS also accepts decimal.
 *
 * @returns epoch ms UTC, or null when neither gives a plausible time
 */
export function parseTxTime(txTime: string): number | null {
  const readings = [
    /^(?:0x)?[0-9a-f]{1,12}$/i.test(txTime) ? Number.parseInt(txTime, 16) : Number.NaN,
    /^\d{1,12}$/.test(txTime) ? Number(txTime) : Number.NaN,
  ];
  const seconds = readings.find((reading) => reading >= MIN_SECONDS && reading <= MAX_SECONDS);
  return seconds === undefined ? null : seconds * 1000;
}

/** Hash for txSecret, set per push domain in the console. The default is MD5. */
export type TxSecretHash = 'md5' | 'sha256';

/**
 * Computes txSecret: the hash of key + StreamName + txTime, lower-case hex, with txTime as written
 * in the URL (source: the anti-leech document 267/31560, and 267/31059 for SHA256).
 */
export function computeTxSecret(
  key: string,
  stream: string,
  txTime: string,
  algorithm: TxSecretHash = 'md5',
): string {
  return hash(algorithm, `${key}${stream}${txTime}`);
}

/** Finds the keys of a domain, including those for every domain. */
export function keysOfDomain(domain: string, keys: readonly PushKey[]): PushKey[] {
  const domainName = domain.toLowerCase();
  return keys.filter((key) => key.domain === '*' || key.domain.toLowerCase() === domainName);
}

/**
 * Checks whether a txSecret was made with one of these keys. Its length determines the hash.
 * Compares in constant time.
 */
export function matchesTxSecret(
  txSecret: string,
  stream: string,
  txTime: string,
  keys: readonly PushKey[],
): boolean {
  const given = digest(txSecret.toLowerCase());
  const algorithm = txSecret.length === 64 ? 'sha256' : 'md5';
  return (
    keys.filter(({ key }) =>
      timingSafeEqual(given, digest(computeTxSecret(key, stream, txTime, algorithm))),
    ).length > 0
  );
}

function compareSecret(params: PushParams, push: PushMoment, keys: readonly PushKey[]): string {
  const domainKeys = keysOfDomain(push.domain, keys);
  if (domainKeys.length === 0) {
    return 'keyUnknown';
  }
  return matchesTxSecret(params.txSecret ?? '', push.stream, params.txTime ?? '', domainKeys)
    ? 'yes'
    : 'no';
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
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
 * Derives facts from a push URL before its secret is masked: txTimePresent, txTimeUnreadable, txTime
 * (ISO 8601 UTC), secondsPastExpiry (at the start of the push), secondsPastExpiryAtBreak,
 * txSecretPresent and txSecretMatches, and those of `deriveUrlMistake`. Unknown facts are omitted.
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
  if (params.txTime && expiresAt === null) {
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
    derived.txSecretMatches = compareSecret(params, push, pushKeys);
  }
  return { ...derived, ...deriveUrlMistake(streamParam, push.stream) };
}
