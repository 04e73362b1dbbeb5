import { expect, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();
const { open } = made;

/** The second number of the lock of the server that leads. */
const lockedObject = () =>
  `SELECT (hashtext('${made.schema} ' || epoch)::bigint & 4294967295)::oid FROM writer WHERE part = 'derived'`;

/** Ends the connections of a store, as a failing network does. */
const cutConnections = () =>
  made.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'breakwatch' AND pid IN (
      SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = (${lockedObject()}))`);

test('a server that lost its lock and was replaced can only add to the journal', async () => {
  const old = await open();
  await old.append([makeEntry('a')]);
  await cutConnections();
  const next = await open();
  const write = {
    breaks: [makeRecord({ id: 'b', endedAt: DAY })],
    removed: [],
    pushes: [],
    cursor: 1,
  };
  for (const attempt of [
    () => old.commit(write),
    () => old.setState('x', 1),
    () => old.putDocuments([{ kind: 'k', id: 'i', account: 'a', at: DAY, open: true, body: 1 }]),
    () =>
      old.purge({ before: DAY, arrivedBefore: DAY, openBefore: 0, minutesBefore: 0, needed: [] }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({
      code: 'DATABASE_OWNED',
      details: { owner: expect.stringContaining(String(process.pid)) },
    });
  }
  expect(await next.counts()).toEqual({ breaks: 0, journal: 1 });
  // The numbers of entries go on without a gap.
  expect(await next.append([makeEntry('b')])).toEqual([{ seq: 2, duplicate: false }]);
  expect(await old.append([makeEntry('b'), makeEntry('c')])).toEqual([
    { seq: 2, duplicate: true },
    { seq: 3, duplicate: false },
  ]);
});

test('a server whose connection was cut goes on, and keeps others out', async () => {
  const store = await open();
  await cutConnections();
  const holders = () =>
    made.query(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = (${lockedObject()})`,
    );
  await expect.poll(holders, { timeout: 20_000 }).toHaveLength(1);
  await expect(openPostgresStore(made.settings)).rejects.toMatchObject({ code: 'DATABASE_OWNED' });
  await store.setState('x', 1);
  expect(await store.getState('x')).toBe(1);
});

test('a schema is free as soon as its server has closed', async () => {
  for (let turn = 0; turn < 10; turn++) {
    const store = await open();
    await store.setState('turn', turn);
    await store.close();
  }
  const locks = await made.query(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = (${lockedObject()})`,
  );
  expect(locks).toEqual([]);
});

test('a seq belongs to one entry that is stored, however appends fail and overlap', async () => {
  const store = await open();
  const bad = makeEntry('bad', { receivedAt: Number.NaN });
  const calls = Array.from({ length: 60 }, (_one, n) =>
    store.append([makeEntry(`k${n % 40}`), ...(n % 7 === 3 ? [bad] : []), makeEntry(`k${n}`)]),
  );
  const results = await Promise.allSettled(calls);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(9);
  const seqs = (await store.journal(0, 1_000)).map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_one, index) => index + 1));
  expect(new Set((await store.journal(0, 1_000)).map(({ key }) => key)).size).toBe(seqs.length);
});

test('names that no index can hold, and characters that no text can hold', async () => {
  const store = await open();
  const long = '店'.repeat(5_000);
  const key = `${long}:1`;
  await store.append([makeEntry(key), makeEntry(`${long}:2`), makeEntry('nul\0key')]);
  expect(await store.append([makeEntry(key), makeEntry('nul\0key')])).toMatchObject([
    { duplicate: true },
    { duplicate: true },
  ]);
  expect(await store.journalEntries('default', [{ source: 'callback', key }])).toHaveLength(1);
  const record = makeRecord({ id: 'a', endedAt: DAY, stream: long, node: long, domain: long });
  const other = makeRecord({ id: 'b', endedAt: DAY, stream: `${long}!`, clientIp: 'x\0y' });
  const push = { ...record.event, startedAt: DAY, endedAt: null, sequence: long };
  const { account, domain, app, stream, startedAt, endedAt, sequence } = push;
  await store.commit({
    breaks: [record, other],
    removed: [],
    pushes: [{ account, domain, app, stream, startedAt, endedAt, sequence }],
    cursor: 1,
  });
  const range = { from: 0, to: DAY * 2 };
  expect(await store.findBreaks({ range, filters: { stream: [long] }, limit: 9 })).toEqual([
    record,
  ]);
  expect(await store.breaksOfStream({ account, domain, app, stream }, range)).toEqual([record]);
  expect(await store.pushesOfStream({ account, domain, app, stream }, range)).toHaveLength(1);
  expect((await store.breakById('b'))?.event.clientIp).toBe('x\u{fffd}y');
});
