import { afterAll, beforeAll, expect, it } from 'vitest';
import { askAll } from './ask-all.ts';
import {
  type CallbackCase,
  forgedCase,
  garbageCase,
  mutatedCase,
  soundCase,
} from './callback-cases.ts';
import { importLines } from './import-lines.ts';
import type { Receiver, Workshop } from './make-callback.ts';
import { type PlantedSecrets, plantSecrets } from './planted-secrets.ts';
import { Random } from './random.ts';
import { type Answer, createSender, type Sender } from './send.ts';
import { type ServeProcess, startServe } from './start-serve.ts';

/** FUZZ_SEED=2 tries another 10,000. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const CALLBACKS = 10_000;
const AT_ONCE = 16;

let serve: ServeProcess;
let sender: Sender;
let secrets: PlantedSecrets;
let token: string;
const random = new Random(SEED);
const receivers: Receiver[] = [];
/** Everything that was ever answered. */
const answers: string[] = [];
const statuses = new Map<string, Map<number, number>>();

function receiver(name: string): Receiver {
  const made = { name, callbackKey: secrets.next(), pushKey: secrets.next() };
  receivers.push(made);
  return made;
}

beforeAll(async () => {
  secrets = plantSecrets(random);
  token = secrets.next();
  const accounts = [receiver('steady'), receiver('shop'), receiver('other')].map(
    ({ name, callbackKey, pushKey }) =>
      `  - name: ${name}\n    callbackKeys: ["${secrets.next()}", "${callbackKey}"]\n    pushKeys: [{domain: "*", key: "${pushKey}"}]\n`,
  );
  const polled = `  - name: polled\n    secretId: AKIDx\n    secretKey: ${secrets.next()}\n    endpoint: http://monitor:${secrets.next()}@127.0.0.1:9/\n`;
  serve = await startServe(`accounts:\n${accounts.join('')}${polled}`, { BREAKWATCH_TOKEN: token });
  sender = createSender(serve.url, AT_ONCE);
});

afterAll(async () => {
  sender?.close();
  await serve?.remove();
});

function makeCases(): CallbackCase[] {
  const [steady, shop, other] = receivers as [Receiver, Receiver, Receiver];
  const base = { random, secrets, now: Date.now() };
  const mute: Workshop = { ...base, receiver: steady, stranger: other };
  const cases: CallbackCase[] = [];
  for (let count = 0; count < CALLBACKS; count += cases.at(-1)?.times ?? 0) {
    const loud: Workshop = random.chance(0.5)
      ? { ...base, receiver: shop, stranger: steady }
      : { ...base, receiver: other, stranger: steady };
    const part = random.next();
    cases.push(
      part < 0.25
        ? soundCase(mute)
        : part < 0.6
          ? mutatedCase(loud)
          : part < 0.85
            ? forgedCase(random.chance(0.5) ? loud : mute)
            : garbageCase(loud),
    );
  }
  return cases;
}

async function sendAll(cases: readonly CallbackCase[]): Promise<string[]> {
  const problems: string[] = [];
  // Repeats come among the others, some while the first is still in hand.
  const sends = cases.flatMap((one) => Array.from({ length: one.times }, () => one));
  let next = 0;
  const sendSome = async () => {
    for (let one = sends[next++]; one; one = sends[next++]) {
      const { kind, wanted, path, body, headers } = one;
      const answer: Answer = await sender.send('POST', path, body, headers);
      answers.push(answer.text);
      const counts = statuses.get(kind) ?? new Map<number, number>();
      statuses.set(kind, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1));
      const taken = answer.status === 200;
      const refused = answer.status >= 400 && answer.status < 500;
      if (wanted === 'taken' ? !taken : wanted === 'refused' ? !refused : !taken && !refused) {
        problems.push(
          `${kind}: ${answer.status} ${answer.text.slice(-300)} for ${body}`.slice(0, 900),
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  return problems;
}

it(`bears 10,000 callbacks of every kind (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const authorized = { authorization: `Bearer ${token}` };
  const live = await fetch(`${serve.url}/api/v1/stream`, { headers: authorized });
  let heard = '';
  const listening = (async () => {
    for await (const piece of (live.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      heard += Buffer.from(piece).toString('latin1');
    }
  })().catch(() => undefined);

  const cases = makeCases();
  const sound = cases.filter(({ kind }) => kind === 'sound');
  const [problems] = await Promise.all([
    sendAll(cases),
    ...Array.from({ length: 20 }, () =>
      sender.hangUp('/callbacks/css/shop', `{"sign":"${secrets.next()}`),
    ),
  ]);
  expect.soft(problems.slice(0, 5), `seed ${SEED}`).toEqual([]);

  const lines = importLines({ random, secrets, receiver: receivers[2] as Receiver }, 1_000);
  const imported = await sender.send('POST', '/api/v1/import?account=other', lines, authorized);
  expect.soft(imported.status).toBe(200);
  answers.push(imported.text);

  // Repeats are taken, and counted once.
  const metrics = await sender.send('GET', '/metrics', undefined, authorized);
  const metric = (series: string) =>
    Number(
      metrics.text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  const sent = sound.reduce((sum, { times }) => sum + times, 0);
  const results = (result: string) =>
    metric(`breakwatch_callbacks_total{account="steady",result="${result}"}`);
  expect
    .soft([results('accepted'), results('duplicate')])
    .toEqual([sound.length, sent - sound.length]);
  expect
    .soft(
      metric(
        'breakwatch_journal_entries_total{account="steady",source="callback",result="appended"}',
      ),
    )
    .toBe(sound.length);

  const asked = await askAll(sender, authorized, { random, secrets });
  expect.soft(asked.problems, `seed ${SEED}`).toEqual([]);
  answers.push(metrics.text, ...asked.texts);

  expect(serve.ended()).toBeNull();
  const alive = serve.dataFiles();
  await serve.stop();
  await listening;
  expect(serve.ended()).toBe(0);
  expect(heard).toContain('event: break');
  expect(alive.some(({ name }) => name.endsWith('-wal'))).toBe(true);

  const places: [string, Buffer][] = [
    ['answers', Buffer.from(answers.join('\n'), 'latin1')],
    ['event stream', Buffer.from(heard, 'latin1')],
    ['log', Buffer.from(serve.output())],
    ...[...alive, ...serve.dataFiles()].map(({ name, bytes }): [string, Buffer] => [name, bytes]),
  ];
  const leaks = places.flatMap(([place, bytes]) =>
    secrets.find(bytes).map((leak) => ({ place, ...leak })),
  );
  if (process.env.FUZZ_SHOW) {
    console.log(
      statuses,
      leaks.length,
      places.map(([place, { length }]) => [place, length]),
    );
  }
  expect.soft(leaks.slice(0, 10), `${leaks.length} leaks, seed ${SEED}`).toEqual([]);
});
