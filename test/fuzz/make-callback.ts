import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { callbackBody } from '../../src/simulator/callback-body.ts';
import { reasonTable } from '../../src/simulator/reason-table.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { secretText, secretValue } from './hide-secret.ts';
import type { PlantedSecrets } from './planted-secrets.ts';
import type { Random } from './random.ts';

/** An account that callbacks are sent to. */
export interface Receiver {
  name: string;
  callbackKey: string;
  pushKey: string;
}

/** What a callback needs to be made. */
export interface Workshop {
  random: Random;
  secrets: PlantedSecrets;
  receiver: Receiver;
  /** Another account, whose key does not fit. */
  stranger: Receiver;
  /** Time of events, epoch ms UTC. */
  now: number;
}

type Body = Record<string, unknown>;

const TEXT_FIELDS = [
  'stream_param',
  'errmsg',
  'app',
  'appname',
  'stream_id',
  'channel_id',
  'node',
  'user_ip',
  'sequence',
  'user_agent',
] as const;

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** A sequence that no other callback of this run has. */
let lastSequence = 0;
export function nextSequence(): string {
  lastSequence += 1;
  return `24807687556${String(lastSequence).padStart(8, '0')}`;
}

/** A callback as CSS or the simulator sends it, rightly signed; all its hashes are planted. */
export function soundCallback(shop: Workshop): Body {
  const { random, secrets, receiver, now } = shop;
  const sequence = nextSequence();
  const at = now - random.below(300_000);
  const body = random.chance(0.5)
    ? signedCallback({
        sample: random.pick(['plain', 'odd']),
        at,
        callbackKey: receiver.callbackKey,
        pushKey: receiver.pushKey,
        change: { sequence, event_type: random.below(2), errcode: random.pick([0, 1, 8, 13, 18]) },
      })
    : simulatedCallback(shop, sequence, at);
  secrets.add(String(body.sign));
  for (const [hash] of String(body.stream_param).matchAll(/[0-9a-f]{32}/g)) {
    secrets.add(hash);
  }
  return body;
}

function simulatedCallback({ random, receiver }: Workshop, sequence: string, at: number): Body {
  const stream = `shop-${random.below(40)}`;
  const txTime = Math.floor((at + 3_600_000) / 1000).toString(16);
  const txSecret = md5(`${receiver.pushKey}${stream}${txTime}`);
  const ended = random.chance(0.7);
  return callbackBody(
    ended ? 0 : 1,
    {
      sequence,
      domain: 'push.example.com',
      app: 'live',
      stream,
      host: 'a',
      clientIp: `203.0.113.${random.below(256)}`,
      node: '198.51.100.7',
      width: 1280,
      height: 720,
      streamParam: `txSecret=${txSecret}&txTime=${txTime}`,
      startedAt: ended ? at - random.below(60_000) : at,
      ...(ended ? { endedAt: at, code: random.pick(reasonTable) } : {}),
      outcome: 'broken',
    },
    receiver.callbackKey,
    {
      appid: 1251659802,
      subCodeInCallback: random.chance(0.5),
      legacyCallback: random.chance(0.3),
      errmsgStyle: random.pick(['text', 'raw']),
    },
  );
}

/** Puts secrets where none belong: into texts, nested fields, and names of fields. */
export function withSecrets(
  body: Body,
  { random, secrets, receiver }: Workshop,
  isSigned = true,
): Body {
  const changed = { ...body };
  for (let time = 0; time <= random.below(3); time += 1) {
    const field = random.pick(TEXT_FIELDS);
    random.pick<() => void>([
      () => {
        changed[field] = secretText(secrets.next(), random);
      },
      () => {
        const glue = random.pick(['?', ' ', '/', ';', '&', '，']);
        changed[field] =
          `${String(changed[field] ?? '')}${glue}${secretText(secrets.next(), random)}`;
      },
      () => {
        // The right one, once more where it does not belong.
        const own = isSigned ? body.sign : '';
        changed.errmsg = `push url maybe invalid: ${String(changed.stream_param)} ${own}`;
      },
      () => {
        changed[field] = `${random.pick([receiver.callbackKey, receiver.pushKey])}/shop`;
      },
      () => {
        changed[random.pick(['extra', 'ext', 'user_agent', 'headers', 'debug'])] = secretValue(
          secrets.next(),
          random,
        );
      },
    ])();
  }
  return changed;
}

const ODD_VALUES: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => '',
  () => ' ',
  () => 0,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => true,
  () => [],
  () => ({}),
  () => [null],
  () => '\0',
  () => 'a\0b',
  () => '\ud800',
  () => '\udfff tail',
  () => '\u202e🏴‍☠️\u200b',
  () => 'ＡＢＣ　断流',
  () => '9'.repeat(400),
  () => '0x5c271099',
  () => '%'.repeat(300),
  () => "'; drop table journal; --",
  () => '{{7*7}}${7*7}',
  () => '../../etc/passwd',
  () => '__proto__',
  () => 'constructor',
  (random) => random.letters(random.below(3_000)),
  (random) => '%25'.repeat(random.below(2_000)),
  (random) => String(random.below(1e9)),
  (random) => random.below(2 ** 31),
  (random) =>
    fc.sample(fc.string({ unit: 'binary' }), { seed: random.below(2 ** 31), numRuns: 1 })[0],
  (random) => fc.sample(fc.jsonValue(), { seed: random.below(2 ** 31), numRuns: 1 })[0],
];

/** Stands for so many levels of nesting, which JSON.stringify could not write. */
function deep(random: Random): string {
  return `@deep:${random.pick([70, 500, 5_000, 15_000])}@`;
}

/** The body as it goes over the wire. */
export function printBody(body: unknown): string {
  return JSON.stringify(body).replace(/"@deep:(\d+)@"/g, (_whole, depth: string) =>
    Number(depth) % 1_000 === 0
      ? '['.repeat(+depth) + ']'.repeat(+depth)
      : `${'{"d":'.repeat(+depth)}1${'}'.repeat(+depth)}`,
  );
}

/** Fields dropped, doubled, of wrong kinds, huge, deep, in odd letters: any may come of a bug. */
export function mutated(body: Body, { random }: Workshop): Body {
  const changed = { ...body };
  const names = Object.keys(body);
  for (let time = 0; time <= random.below(3); time += 1) {
    const name = random.pick(names);
    random.pick<() => void>([
      () => delete changed[name],
      () => {
        changed[name] = random.pick(ODD_VALUES)(random);
      },
      () => {
        changed[name] = random.pick(ODD_VALUES)(random);
      },
      () => {
        changed[name] = [changed[name]];
      },
      () => {
        changed[name] = String(changed[name]);
      },
      () => {
        changed[name.toUpperCase()] = changed[name];
      },
      () => {
        changed[random.pick(['extra', name])] = deep(random);
      },
      () => {
        Object.defineProperty(changed, random.pick(['__proto__', 'constructor', 'toString']), {
          value: random.pick<unknown>([{ event_type: 0, polluted: true }, 'x', null]),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      },
      () => {
        changed.event_type = random.pick<unknown>([0, '0', 1, '1', 100, 200, 321, 332, '', '1 ']);
      },
    ])();
  }
  return changed;
}

/** Signs a body anew with the key of its receiver, by whatever its `t` is. */
export function signAnew(body: Body, { secrets, receiver }: Workshop): Body {
  const sign = md5(`${receiver.callbackKey}${body.t}`);
  secrets.add(sign);
  return { ...body, sign };
}
