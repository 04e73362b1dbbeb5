import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { secretText } from './hide-secret.ts';
import {
  md5,
  mutated,
  nextSequence,
  printBody,
  signAnew,
  soundCallback,
  type Workshop,
  withSecrets,
} from './make-callback.ts';

/** One request that is to be sent. */
export interface CallbackCase {
  kind: string;
  /** What has to be answered: taken, refused, or either, as long as it is one of both. */
  wanted: 'taken' | 'refused' | 'either';
  path: string;
  body: Buffer | string;
  headers: Record<string, string>;
  /** How often it is sent, as CSS does when it hears no answer. */
  times: number;
}

const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=gbk',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'nonsense',
  '/',
] as const;

/** Cases whose sign is right and whose content is CSS's own, plus secrets in odd places. */
export function soundCase(shop: Workshop): CallbackCase {
  const { random, receiver } = shop;
  const sound = soundCallback(shop);
  // The sequence names the push: with another one it would be another push.
  const body = random.chance(0.7)
    ? { ...withSecrets(sound, shop), sequence: sound.sequence }
    : sound;
  return {
    kind: 'sound',
    wanted: 'taken',
    path: `/callbacks/css/${receiver.name}`,
    body: printBody(body),
    headers: { 'content-type': random.pick(CONTENT_TYPES) },
    times: random.chance(0.2) ? 1 + random.below(12) : 1,
  };
}

/** Rightly signed cases that no CSS would send. */
export function mutatedCase(shop: Workshop): CallbackCase {
  const { random, receiver, secrets } = shop;
  const [kind, body] = random.pick<() => [string, unknown]>([
    () => ['mutated', signAnew(mutated(withSecrets(soundCallback(shop), shop, false), shop), shop)],
    () => ['mutated', signAnew(mutated(soundCallback(shop), shop), shop)],
    () => [
      'any JSON object',
      signAnew(
        {
          ...fc.sample(fc.dictionary(fc.string(), fc.jsonValue()), {
            seed: random.below(2 ** 31),
            numRuns: 1,
          })[0],
          event_type: random.pick([0, 1, 100, 200, 321, 9]),
          t: Math.floor(shop.now / 1000) + 600,
          note: secretText(secrets.next(), random),
        },
        shop,
      ),
    ],
    () => [
      'another type',
      signAnew({ ...withSecrets(soundCallback(shop), shop), event_type: 321 }, shop),
    ],
  ])();
  return {
    kind,
    wanted: 'either',
    path: `/callbacks/css/${receiver.name}${random.chance(0.1) ? '/' : ''}`,
    body: printBody(body),
    headers: { 'content-type': random.pick(CONTENT_TYPES) },
    times: random.chance(0.1) ? 2 : 1,
  };
}

/** Cases that only somebody who does not know the key would send, or who sends old ones again. */
export function forgedCase(shop: Workshop): CallbackCase {
  const { random, receiver, stranger, secrets, now } = shop;
  const sound = withSecrets(soundCallback(shop), shop);
  const body: Record<string, unknown> = { ...sound, sequence: nextSequence() };
  const t = Number(body.t);
  let path = `/callbacks/css/${receiver.name}`;
  const sign = String(body.sign);
  const old = () => {
    const past = Math.floor(now / 1000) - 1 - random.below(86_400);
    return { ...body, t: past, sign: md5(`${receiver.callbackKey}${past}`) };
  };
  const [kind, made] = random.pick<() => [string, Record<string, unknown>]>([
    () => ['made-up sign', { ...body, sign: md5(secrets.next()) }],
    () => ['secret as sign', { ...body, sign: secrets.next() }],
    () => ['key of another account', { ...body, sign: md5(`${stranger.callbackKey}${t}`) }],
    () => ['sign of another t', { ...body, t: t + 1 }],
    () => ['sign of t and key swapped', { ...body, sign: md5(`${t}${receiver.callbackKey}`) }],
    () => ['sign of no key', { ...body, sign: md5(`${t}`) }],
    () => ['sign of the word undefined', { ...body, sign: md5(`undefined${t}`) }],
    () => ['empty sign', { ...body, sign: '' }],
    () => ['no sign', { ...body, sign: undefined }],
    () => ['no t', { ...body, t: undefined, sign: md5(receiver.callbackKey) }],
    () => ['upper-case sign', { ...body, sign: sign.toUpperCase() }],
    () => ['longer sign', { ...body, sign: `${sign}0` }],
    () => ['shorter sign', { ...body, sign: sign.slice(0, -1) }],
    () => ['sign in blanks', { ...body, sign: ` ${sign}` }],
    () => ['sign in a list', { ...body, sign: [sign] }],
    () => ['sign is true', { ...body, sign: true }],
    () => ['sign ends in NUL', { ...body, sign: `${sign}\0` }],
    () => ['full-width sign', { ...body, sign: sign.replace(/\d/, '１') }],
    () => ['old', old()],
    () => ['old, t moved', { ...old(), t: Math.floor(now / 1000) + 600 }],
    () => {
      path = `/callbacks/css/${stranger.name}`;
      return ['right for another account', body];
    },
    () => {
      const far = Math.floor(now / 1000) + 86_400 * (2 + random.below(400));
      return ['t far ahead', { ...body, t: far, sign: md5(`${receiver.callbackKey}${far}`) }];
    },
    () => {
      path = `/callbacks/css/${random.pick(['nobody', '__proto__', 'constructor', '%00', '..%2f'])}`;
      return ['to nobody', body];
    },
    () => {
      path = `/callbacks/css/${encodeURIComponent(secretText(secrets.next(), random)).slice(0, 3_000)}`;
      return ['secret in the path', body];
    },
  ])();
  return {
    kind,
    wanted: 'refused',
    path: random.chance(0.1) ? `${path}?txSecret=${secrets.next()}` : path,
    body: printBody(made),
    headers: { 'content-type': random.pick(CONTENT_TYPES) },
    times: random.chance(0.1) ? 3 : 1,
  };
}

/** Bodies that are no JSON object. */
export function garbageCase(shop: Workshop): CallbackCase {
  const { random, receiver, secrets } = shop;
  const text = printBody(withSecrets(soundCallback(shop), shop));
  const headers: Record<string, string> = { 'content-type': random.pick(CONTENT_TYPES) };
  const [kind, body] = random.pick<() => [string, Buffer | string]>([
    () => ['cut off', text.slice(0, 1 + random.below(text.length - 2))],
    () => ['one letter too many', `${text}x`],
    () => ['form', secretText(secrets.next(), random)],
    () => [
      'any JSON',
      JSON.stringify(
        fc.sample(fc.oneof(fc.string(), fc.array(fc.jsonValue()), fc.double()), {
          seed: random.below(2 ** 31),
          numRuns: 1,
        })[0],
      ),
    ],
    () => [
      'bytes',
      Buffer.from(Array.from({ length: random.below(500) }, () => random.below(256))),
    ],
    () => ['UTF-16', Buffer.from(text, 'utf16le')],
    () => [
      'bytes beyond UTF-8',
      Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff])]),
    ],
    () => {
      headers['content-encoding'] = 'gzip';
      return ['compressed', gzipSync(text)];
    },
    () => ['brackets', '['.repeat(1 + random.below(60_000))],
    () => ['open objects', '{"a":'.repeat(1 + random.below(12_000))],
    () => ['too big', JSON.stringify({ sign: secrets.next(), pad: 'x'.repeat(70_000) })],
    () => ['empty', ''],
  ])();
  return {
    kind,
    wanted: 'refused',
    path: `/callbacks/css/${receiver.name}`,
    body,
    headers,
    times: 1,
  };
}
