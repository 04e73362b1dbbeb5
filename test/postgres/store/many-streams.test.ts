import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';

/** More than one statement answers. */
const STREAMS = 620;

let made: TestSchema;
let store: Store;

beforeEach(async () => {
  made = newSchema();
  store = await openPostgresStore(made.settings);
});

afterEach(async () => {
  await store.close();
  await made.remove();
});

test('each of many calls at the same time gets its own answer', async () => {
  const streams = Array.from({ length: STREAMS }, (_one, n) => `s-${n}`);
  const keyOf = (stream: string) => ({
    account: 'default',
    domain: 'push.example.com',
    app: 'live',
    stream,
  });
  // A stream has as many breaks and pushes as its number says, 0 to 4.
  const ofStream = streams.map((stream, n) =>
    Array.from({ length: n % 5 }, (_one, i) =>
      makeRecord({ id: `${stream}/${i}`, stream, endedAt: DAY + i * 1_000 }),
    ),
  );
  const pushes = streams.map((stream, n) =>
    Array.from({ length: n % 4 }, (_one, i) => ({
      ...keyOf(stream),
      startedAt: DAY + i * 1_000,
      endedAt: null,
      sequence: `${stream}:${i}`,
    })),
  );
  await store.append(streams.map((stream) => makeEntry(stream)));
  await store.commit({
    breaks: ofStream.flat(),
    removed: [],
    pushes: pushes.flat(),
    cursor: STREAMS,
  });
  const range = { from: DAY, to: DAY + 10_000 };
  const late = { from: DAY + 2_000, to: DAY + 10_000 };
  const [breaks, few, all, some, entries] = await Promise.all([
    Promise.all(streams.map((stream) => store.breaksOfStream(keyOf(stream), range))),
    Promise.all(streams.map((stream) => store.fewBreaksOfStream(keyOf(stream), range, 2))),
    Promise.all(streams.map((stream) => store.pushesOfStream(keyOf(stream), range, { last: 2 }))),
    Promise.all(
      streams.map((stream) =>
        store.pushesOfStream(keyOf(stream), late, { sequences: [`${stream}:0`, `${stream}:0`] }),
      ),
    ),
    Promise.all(
      streams.map((stream) =>
        store.journalEntries('default', [{ source: 'callback', key: stream }]),
      ),
    ),
  ]);
  expect(breaks).toEqual(ofStream);
  expect(few).toEqual(ofStream.map((records) => (records.length > 2 ? null : records)));
  expect(all).toEqual(pushes.map((of) => of.slice(-2)));
  expect(some).toEqual(pushes.map((of) => of.filter((_one, i) => i === 0 || i >= 2)));
  expect(entries.map(([entry]) => entry?.key)).toEqual(streams);
});

test('a failure reaches all calls that share a statement', async () => {
  const key = { account: 'default', domain: 'd', app: 'a', stream: 's' };
  const calls = [DAY, Number.NaN, DAY].map((from) =>
    store.breaksOfStream(key, { from, to: DAY + 1 }),
  );
  const results = await Promise.allSettled(calls);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await store.breaksOfStream(key, { from: DAY, to: DAY + 1 })).toEqual([]);
});
