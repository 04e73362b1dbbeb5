import { createHash, createHmac } from 'node:crypto';
import { type PushUrl, parsePushBizid } from './parse-push-url.ts';
import { keysOfDomain, type PushKey, parseTxTime } from './push-url.ts';

/** One way in which an input of txSecret can be written, and the mistake that it would be. */
interface Variant {
  value: string;
  /** Null when it is right. */
  mistake: string | null;
}

type Hash = (key: string, parts: readonly string[]) => string;

/** Ways to hash, by mistake. The first one is right. */
const HASHES: readonly { mistake: string | null; hash: Hash }[] = [
  { mistake: null, hash: (_key, parts) => hexOf('md5', parts) },
  { mistake: null, hash: (_key, parts) => hexOf('sha256', parts) },
  { mistake: 'with SHA1 instead of MD5 or SHA256', hash: (_key, parts) => hexOf('sha1', parts) },
  {
    mistake: 'with SHA512 instead of MD5 or SHA256',
    hash: (_key, parts) => hexOf('sha512', parts),
  },
  {
    mistake: 'with SHA256 cut to 32 characters',
    hash: (_key, parts) => hexOf('sha256', parts).slice(0, 32),
  },
  {
    mistake: 'with 16 characters of the MD5 instead of 32',
    hash: (_key, parts) => hexOf('md5', parts).slice(8, 24),
  },
  { mistake: 'with HMAC-MD5 instead of MD5', hash: (key, parts) => hmacOf('md5', key, parts) },
  {
    mistake: 'with HMAC-SHA256 instead of SHA256',
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

/**
 * Finds out how a wrong txSecret was made, by making the usual mistakes with the configured keys,
 * alone and combined. A single mistake is preferred.
 *
 * @param txSecret - as in the URL
 * @param txTime - as in the URL
 * @returns how it was made, without a secret, for example `txSecret was made with "test", without the
 *   prefix "8888_" of the StreamName.`; null when no mistake explains it
 */
export function findSecretMistake(
  url: PushUrl,
  txSecret: string,
  txTime: string,
  keys: readonly PushKey[],
): string | null {
  const wanted = txSecret.toLowerCase();
  const times = timesOf(txTime);
  const streams = streamsOf(url);
  let combined: string | null = null;
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
            const isRightOrder = order === ORDERS[0];
            const mistakes = [
              key.mistake,
              stream.mistake,
              time.mistake,
              isRightOrder
                ? null
                : `from ${order.map((part) => PART_NAMES[part]).join(' + ')} instead of key + StreamName + txTime`,
              mistake,
            ].filter((one) => one !== null);
            if (mistakes.length === 1) {
              return describe(mistakes);
            }
            if (mistakes.length > 1) {
              combined ??= describe(mistakes);
            }
          }
        }
      }
    }
  }
  return combined;
}

function describe(mistakes: readonly string[]): string {
  return `txSecret was made ${mistakes.join(', and ')}.`;
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
      { value: `${key}\n`, mistake: 'with a line break after the key' },
      { value: `${key} `, mistake: 'with a space after the key' },
      { value: '', mistake: 'without the key' },
    ]),
    ...keys
      .filter((key) => !own.includes(key))
      .map(({ domain: other, key }) => ({
        value: key,
        mistake: `with the key of ${other} instead of the key of ${domain}`,
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
      mistake: 'with txTime in lower case; the URL has upper case, and both must be equal',
    },
    {
      value: txTime.toUpperCase(),
      mistake: 'with txTime in upper case; the URL has lower case, and both must be equal',
    },
    ...(seconds === null
      ? []
      : [
          ...(isDecimal
            ? [seconds.toString(16), seconds.toString(16).toUpperCase()].map((value) => ({
                value,
                mistake: 'with txTime in hexadecimal; the URL has it in decimal',
              }))
            : [
                {
                  value: String(seconds),
                  mistake: 'with txTime in decimal; the URL has it in hexadecimal',
                },
              ]),
          { value: `0x${txTime}`, mistake: 'with "0x" before txTime' },
        ]),
    { value: '', mistake: 'without txTime' },
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
        mistake: `with AppName (${JSON.stringify(value)}) instead of StreamName alone`,
      }),
    ),
    ...(prefix
      ? [
          {
            value: stream.slice(prefix.length),
            mistake: `without the prefix ${JSON.stringify(prefix)} of the StreamName`,
          },
        ]
      : []),
    ...(bizid === null || stream.startsWith(`${bizid}_`)
      ? []
      : [
          {
            value: `${bizid}_${stream}`,
            mistake: `for the StreamName ${JSON.stringify(`${bizid}_${stream}`)}; the prefix "${bizid}_" is missing in the URL`,
          },
        ]),
    { value: stream.toLowerCase(), mistake: 'with the StreamName in lower case' },
    { value: stream.toUpperCase(), mistake: 'with the StreamName in upper case' },
    { value: encodeURIComponent(stream), mistake: 'with the StreamName percent-encoded' },
    { value: '', mistake: 'without StreamName' },
  ]);
}

/** Keeps the first variant of each value, so that the right one is never called a mistake. */
function unique(variants: readonly Variant[]): Variant[] {
  return variants.filter(
    ({ value }, index) => variants.findIndex((one) => one.value === value) === index,
  );
}
