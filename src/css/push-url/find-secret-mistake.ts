import { createHash, createHmac } from 'node:crypto';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { type PushUrl, parsePushBizid } from './parse-push-url.ts';
import { keysOfDomain, type PushKey, parseTxTime } from './push-url.ts';
import type { SecretStrings } from './words/url-strings.ts';

/** One way in which an input of txSecret can be written, and the mistake that it would be. */
interface Variant {
  value: string;
  /** Null when it is right. */
  mistake: Mistake | null;
}

/** Names a mistake in a language. */
type Mistake = (words: SecretStrings) => string;

type Hash = (key: string, parts: readonly string[]) => string;

/** Ways to hash, by mistake. The first one is right. */
const HASHES: readonly { mistake: Mistake | null; hash: Hash }[] = [
  { mistake: null, hash: (_key, parts) => hexOf('md5', parts) },
  { mistake: null, hash: (_key, parts) => hexOf('sha256', parts) },
  { mistake: (words) => words.sha1, hash: (_key, parts) => hexOf('sha1', parts) },
  {
    mistake: (words) => words.sha512,
    hash: (_key, parts) => hexOf('sha512', parts),
  },
  {
    mistake: (words) => words.sha256Cut,
    hash: (_key, parts) => hexOf('sha256', parts).slice(0, 32),
  },
  {
    mistake: (words) => words.md5Half,
    hash: (_key, parts) => hexOf('md5', parts).slice(8, 24),
  },
  { mistake: (words) => words.hmacMd5, hash: (key, parts) => hmacOf('md5', key, parts) },
  {
    mistake: (words) => words.hmacSha256,
    hash: (key, parts) => hmacOf('sha256', key, parts),
  },
];

/** Orders of key (0), StreamName (1) and txTime (2). The first one is right. */
const ORDERS: readonly (readonly [number, number, number])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const PART_NAMES = ['key', 'StreamName', 'txTime'];

/** A txSecret that matches no key, and what it should have been made of. */
interface WrongSecret {
  /** As in the URL. */
  txSecret: string;
  /** As in the URL. */
  txTime: string;
  keys: readonly PushKey[];
  words: SecretStrings;
}

/**
 * Finds out how a wrong txSecret was made, by making the usual mistakes with the configured keys,
 * alone and combined. A single mistake is preferred.
 *
 * @returns a sentence that can follow another one and holds no secret, for example ` txSecret was made with
 *   "test", without the prefix "8888_" of the StreamName.`; empty when no mistake explains it
 */
export function findSecretMistake(url: PushUrl, wrong: WrongSecret): string {
  const { words } = wrong;
  const mistakes = findMistakes(url, wrong);
  return mistakes.length === 0 ? '' : words.made(mistakes.map((mistake) => mistake(words)));
}

/** The fewest mistakes that explain the txSecret; none when nothing does. */
function findMistakes(url: PushUrl, { txSecret, txTime, keys }: WrongSecret): Mistake[] {
  const wanted = txSecret.toLowerCase();
  const times = timesOf(txTime);
  const streams = streamsOf(url);
  let combined: Mistake[] = [];
  for (const key of keysToTry(url.domain, keys)) {
    for (const time of times) {
      for (const stream of streams) {
        const parts = [key.value, stream.value, time.value];
        for (const order of ORDERS) {
          const ordered = order.map((part) => parts[part] as string);
          for (const { mistake, hash } of HASHES) {
            if (hash(key.value, ordered) !== wanted) {
              continue;
            }
            const mistakes = [
              key.mistake,
              stream.mistake,
              time.mistake,
              mistakeOfOrder(order),
              mistake,
            ].filter((one) => one !== null);
            if (mistakes.length === 1) {
              return mistakes;
            }
            if (combined.length === 0) {
              combined = mistakes;
            }
          }
        }
      }
    }
  }
  return combined;
}

function mistakeOfOrder(order: (typeof ORDERS)[number]): Mistake | null {
  const names = order.map((part) => PART_NAMES[part]).join(' + ');
  return order === ORDERS[0] ? null : (words) => words.order(names);
}

function hexOf(hash: string, parts: readonly string[]): string {
  return createHash(hash).update(parts.join('')).digest('hex');
}

function hmacOf(hash: string, key: string, parts: readonly string[]): string {
  return createHmac(hash, key)
    .update(parts.filter((part) => part !== key).join(''))
    .digest('hex');
}

/** The keys of the domain, the same with white space at an end, and the keys of other domains. */
function keysToTry(domain: string, keys: readonly PushKey[]): Variant[] {
  const own = keysOfDomain(domain, keys);
  return [
    ...own.flatMap(({ key }) => [
      { value: key, mistake: null },
      { value: `${key}\n`, mistake: (words: SecretStrings) => words.keyLineBreak },
      { value: `${key} `, mistake: (words: SecretStrings) => words.keySpace },
      { value: '', mistake: (words: SecretStrings) => words.noKey },
    ]),
    ...keys
      .filter((key) => !own.includes(key))
      .map(({ domain: other, key }) => ({
        value: key,
        mistake: (words: SecretStrings) => words.otherKey(other, maskSecrets(domain)),
      })),
  ];
}

function timesOf(txTime: string): Variant[] {
  const expiresAt = parseTxTime(txTime);
  const seconds = expiresAt === null ? null : expiresAt / 1000;
  const isDecimal = seconds !== null && String(seconds) === txTime;
  return unique([
    { value: txTime, mistake: null },
    {
      value: txTime.toLowerCase(),
      mistake: (words) => words.txTimeLower,
    },
    {
      value: txTime.toUpperCase(),
      mistake: (words) => words.txTimeUpper,
    },
    ...(seconds === null
      ? []
      : [
          ...(isDecimal
            ? [seconds.toString(16), seconds.toString(16).toUpperCase()].map((value) => ({
                value,
                mistake: (words: SecretStrings) => words.txTimeHex,
              }))
            : [
                {
                  value: String(seconds),
                  mistake: (words: SecretStrings) => words.txTimeDecimal,
                },
              ]),
          { value: `0x${txTime}`, mistake: (words: SecretStrings) => words.txTime0x },
        ]),
    { value: `${txTime}\n`, mistake: (words) => words.txTimeLineBreak },
    { value: '', mistake: (words) => words.noTxTime },
  ]);
}

function streamsOf({ app, stream, domain, params }: PushUrl): Variant[] {
  const bizid = parsePushBizid(domain, params);
  const prefix = /^\d+_/.exec(stream)?.[0];
  return unique([
    { value: stream, mistake: null },
    ...[`${app}/${stream}`, `/${app}/${stream}`, `${app}${stream}`, `${app}_${stream}`].map(
      (value) => ({
        value,
        mistake: (words: SecretStrings) => words.appName(quote(value)),
      }),
    ),
    ...(prefix
      ? [
          {
            value: stream.slice(prefix.length),
            mistake: (words: SecretStrings) => words.prefixRemoved(quote(prefix)),
          },
        ]
      : []),
    ...(bizid === null || stream.startsWith(`${bizid}_`)
      ? []
      : [
          {
            value: `${bizid}_${stream}`,
            mistake: (words: SecretStrings) =>
              words.prefixAdded(quote(`${bizid}_${stream}`), `${bizid}_`),
          },
        ]),
    ...[stream.replace(/\/+$/, ''), stream.split('/').at(-1) ?? '']
      .filter((value) => value !== '')
      .map((value) => ({
        value,
        mistake: (words: SecretStrings) => words.partOfStream(quote(value), quote(stream)),
      })),
    { value: stream.toLowerCase(), mistake: (words) => words.streamLower },
    { value: stream.toUpperCase(), mistake: (words) => words.streamUpper },
    { value: encodeURIComponent(stream), mistake: (words) => words.streamEscaped },
    { value: '', mistake: (words) => words.noStream },
  ]);
}

/** A name as a sentence shows it. Only names are masked, because sentences speak of keys in four languages. */
function quote(name: string): string {
  return JSON.stringify(maskSecrets(name));
}

/** Keeps the first variant of each value, so that the right one is never called a mistake. */
function unique(variants: readonly Variant[]): Variant[] {
  return variants.filter(
    ({ value }, index) => variants.findIndex((one) => one.value === value) === index,
  );
}
