import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openSharedStore } from '../../../src/store/postgres/open-shared-store.ts';
import type { Lead, SharedStore } from '../../../src/store/shared-store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();

/** A server that takes part. */
interface Taking {
  shared: SharedStore;
  /** Its lead; null while it has none. */
  lead: Lead | null;
  /** All leads that it ever had. */
  leads: Lead[];
  errors: unknown[];
}

/** Lets a server take part until the end of the test. */
async function takePart(
  answer: (name: string, body: unknown) => Promise<unknown> = async () => null,
): Promise<Taking> {
  const shared = await openSharedStore(made.settings);
  onTestFinished(() => shared.close());
  const taking: Taking = { shared, lead: null, leads: [], errors: [] };
  shared.begin({
    note: () => ({ says: shared.name }),
    answer,
    onError: (thrown) => taking.errors.push(thrown),
    onLead(lead) {
      taking.lead = lead;
      if (lead) {
        taking.leads.push(lead);
      }
    },
  });
  return taking;
}

const leads = (server: Taking) => expect.poll(() => server.lead !== null, { timeout: 15_000 });

/** A connection of the test itself. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({
    host: inject('postgresSocket'),
    user: 'breakwatch',
    database: 'breakwatch',
  });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`SET search_path TO ${made.schema}`);
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

/** Lets the sign of life of the leader look old, as if it hung, and keeps it that way. */
async function hang(server: Taking): Promise<void> {
  await made.query(`
    CREATE OR REPLACE FUNCTION stay_old() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.seen_at := OLD.seen_at; RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER stay_old BEFORE UPDATE ON servers FOR EACH ROW
      WHEN (OLD.leads IS NOT NULL) EXECUTE FUNCTION stay_old()`);
  expect(server.lead).not.toBeNull();
}

const batch = (id: string) => ({
  breaks: [makeRecord({ id, endedAt: DAY })],
  removed: [],
  pushes: [],
  cursor: 1,
});

test('one of two servers leads; when it closes, the other one does', async () => {
  const one = await takePart();
  await leads(one).toBe(true);
  const other = await takePart();
  await wait(2_500);
  expect(other.lead).toBeNull();
  expect(one.lead?.mayAct()).toBe(true);
  expect(other.shared.servers().map(({ leads: does, note }) => [does, note])).toEqual(
    expect.arrayContaining([[true, { says: one.shared.name }]]),
  );
  await one.lead?.store.commit(batch('a'));
  // Both append and read, and only the leader writes what is derived.
  await other.shared.store.append([makeEntry('from the other')]);
  expect(await one.shared.store.journal(0, 9)).toHaveLength(1);
  expect(await other.shared.store.breakById('a')).not.toBeNull();
  await expect(other.shared.store.commit(batch('b'))).rejects.toMatchObject({
    code: 'DATABASE_OWNED',
  });
  await one.shared.close();
  await leads(other).toBe(true);
  await other.lead?.store.commit(batch('b'));
});

test('a server that gives up is replaced at once, and leads again when no other does', async () => {
  const one = await takePart();
  await leads(one).toBe(true);
  const other = await takePart();
  const before = one.lead as Lead;
  await one.shared.giveUp();
  expect(one.lead).toBeNull();
  expect(before.mayAct()).toBe(false);
  await leads(other).toBe(true);
  await expect(before.store.commit(batch('a'))).rejects.toMatchObject({ code: 'DATABASE_OWNED' });
  await other.lead?.store.commit(batch('a'));

  await other.shared.close();
  await expect.poll(() => one.lead !== null, { timeout: 30_000 }).toBe(true);
  await one.lead?.store.commit(batch('b'));
  expect([...one.errors, ...other.errors]).toEqual([]);
});

test('a server that hangs within a transaction is replaced, and can neither write nor act afterwards', async () => {
  const one = await takePart();
  await leads(one).toBe(true);
  const before = one.lead as Lead;
  const other = await takePart();
  // The transaction of a process that was stopped: it holds the leader's row, and is never committed.
  const stopped = await connect();
  await stopped.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 3000');
  await stopped.query(`SELECT epoch FROM writer WHERE part = 'derived' FOR NO KEY UPDATE`);
  const stoppedAt = performance.now();
  await hang(one);
  await leads(other).toBe(true);
  expect(performance.now() - stoppedAt).toBeGreaterThan(2_000);
  await expect(stopped.query('COMMIT')).rejects.toThrow();
  await expect.poll(() => one.lead, { timeout: 10_000 }).toBeNull();
  expect(before.mayAct()).toBe(false);
  for (const write of [
    () => before.store.commit(batch('late')),
    () => before.store.setState('late', 1),
    () =>
      before.store.putDocuments([
        { kind: 'notice', id: 'late', account: 'a', at: DAY, open: true, body: 1 },
      ]),
    () =>
      before.store.purge({
        before: DAY,
        arrivedBefore: DAY,
        openBefore: 0,
        minutesBefore: 0,
        needed: [],
      }),
  ]) {
    await expect(write()).rejects.toMatchObject({ code: 'DATABASE_OWNED' });
  }
  // It goes on taking callbacks.
  await one.shared.store.append([makeEntry('still taken')]);
  expect(await other.lead?.store.breakById('late')).toBeNull();
});

test('a leader whose signs of life do not arrive stops acting before another one can lead', async () => {
  const one = await takePart();
  await leads(one).toBe(true);
  const { lead } = one;
  const blocker = await connect();
  // All statements of its beat wait.
  await blocker.query('BEGIN; LOCK TABLE servers IN ACCESS EXCLUSIVE MODE');
  await expect.poll(() => lead?.mayAct(), { timeout: 15_000 }).toBe(false);
  expect(one.lead).toBe(lead);
  await blocker.query('ROLLBACK');
  // Nobody else leads, so it goes on.
  await expect.poll(() => lead?.mayAct(), { timeout: 15_000 }).toBe(true);
});

test('a lost connection alone takes the lead from nobody who gets it back', async () => {
  const one = await takePart();
  await leads(one).toBe(true);
  await made.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
       AND objid = (SELECT (hashtext('${made.schema} ' || epoch)::bigint & 4294967295)::oid FROM writer WHERE part = 'derived')`,
  );
  await expect.poll(() => one.errors.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const other = await takePart();
  await wait(3_000);
  expect([one.lead !== null, other.lead !== null]).toContain(true);
  expect(one.lead !== null && other.lead !== null).toBe(false);
});

test('the rows of a table that somebody emptied come back, and no number is used twice', async () => {
  const one = await takePart();
  await leads(one).toBe(true);
  await one.shared.store.append([makeEntry('a'), makeEntry('b')]);
  await made.query('DELETE FROM writer');
  await expect(one.shared.store.append([makeEntry('c')])).rejects.toMatchObject({
    code: 'DATABASE_ROWS_MISSING',
  });
  await expect
    .poll(() => one.shared.store.append([makeEntry('c')]).catch(() => null), { timeout: 15_000 })
    .toEqual([{ seq: 3, duplicate: false }]);
  await expect.poll(() => one.leads.length, { timeout: 15_000 }).toBe(2);
  await one.lead?.store.commit(batch('after'));
  await expect(one.leads[0]?.store.commit(batch('before'))).rejects.toMatchObject({
    code: 'DATABASE_OWNED',
  });
  await made.query('DELETE FROM servers');
  await wait(2_500);
  expect(one.leads).toHaveLength(2);
  expect(one.lead?.mayAct()).toBe(true);
});

test('a question is answered by the leader, with its result or its error', async () => {
  const one = await takePart(async (name, body) => {
    if (name === 'fail') {
      throw new RangeError('a secret of the machine');
    }
    return { name, body };
  });
  await leads(one).toBe(true);
  const other = await takePart();
  expect(await other.shared.ask('add', [1, '断流', null])).toEqual({
    name: 'add',
    body: [1, '断流', null],
  });
  await expect(other.shared.ask('fail', null)).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(await made.query('SELECT * FROM calls')).toEqual([]);
});

test('a question whose leader is replaced before the answer ends with an error', async () => {
  const one = await takePart(() => new Promise(() => undefined));
  await leads(one).toBe(true);
  const other = await takePart();
  const asked = other.shared.ask('never', null).catch((thrown) => thrown.code);
  await expect
    .poll(() => made.query('SELECT epoch FROM calls WHERE epoch IS NOT NULL'), { timeout: 10_000 })
    .toHaveLength(1);
  await one.shared.close();
  expect(await asked).toBe('NO_LEADER');
});
