import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { openSharedStore } from '../../../src/store/postgres/open-shared-store.ts';
import type { SharedStore } from '../../../src/store/shared-store.ts';
import { makeEntry } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();

/** Several servers on the schema of the test; none of them leads. */
async function withServers(
  count: number,
  work: (servers: readonly SharedStore[]) => Promise<void>,
): Promise<void> {
  const servers: SharedStore[] = [];
  try {
    for (let n = 0; n < count; n++) {
      servers.push(await openSharedStore(made.settings));
    }
    await work(servers);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

async function seqsOf({ store }: SharedStore): Promise<number[]> {
  return (await store.journal(0, 10_000)).map(({ seq }) => seq);
}

const upTo = (count: number) => Array.from({ length: count }, (_one, index) => index + 1);

test('servers that append at the same time give each entry a number of its own, and leave none out', async () => {
  await withServers(3, async (servers) => {
    const calls = Array.from({ length: 240 }, (_one, n) =>
      (servers[n % 3] as SharedStore).store.append([makeEntry(`a${n}`), makeEntry(`b${n}`)]),
    );
    const appended = (await Promise.all(calls)).flat();
    expect(appended.every(({ duplicate }) => !duplicate)).toBe(true);
    expect(appended.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(upTo(480));
    expect(await seqsOf(servers[0] as SharedStore)).toEqual(upTo(480));
  });
});

test('the same message at several servers at the same time is one entry', async () => {
  await withServers(3, async (servers) => {
    for (let round = 0; round < 40; round++) {
      const results = await Promise.all(
        servers.map(({ store }, n) =>
          store.append([makeEntry(`same-${round}`), makeEntry(`own-${round}-${n}`)]),
        ),
      );
      const same = results.map(([first]) => first);
      expect(new Set(same.map((one) => one?.seq)).size).toBe(1);
      expect(same.filter((one) => one?.duplicate === false)).toHaveLength(1);
    }
    expect(await seqsOf(servers[0] as SharedStore)).toEqual(upTo(160));
  });
});

test('an entry that waits for a long transaction has a number after all that were committed before it', async () => {
  await withServers(2, async ([one, other]) => {
    const slow = new pg.Client({
      host: inject('postgresSocket'),
      user: 'breakwatch',
      database: 'breakwatch',
    });
    await slow.connect();
    try {
      await slow.query(`SET search_path TO ${made.schema}`);
      // Reads and writes for a long time, beside all that is appended.
      await slow.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await slow.query('SELECT count(*) FROM journal');
      await slow.query(`INSERT INTO state (name, value) VALUES ('slow', '1')`);
      await one?.store.append([makeEntry('first')]);
      // Holds the row that gives the numbers.
      await slow.query('ROLLBACK');
      await slow.query('BEGIN');
      await slow.query(`SELECT 1 FROM writer WHERE part = 'journal' FOR UPDATE`);
      const waiting = [
        one?.store.append([makeEntry('waits'), makeEntry('both')]),
        other?.store.append([makeEntry('both'), makeEntry('also waits')]),
      ];
      await expect
        .poll(async () =>
          made.query(
            `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%journal_keys%'`,
          ),
        )
        .toEqual([{ n: 2 }]);
      expect(await seqsOf(one as SharedStore)).toEqual([1]);
      await slow.query('COMMIT');
      await Promise.all(waiting);
      expect(await seqsOf(one as SharedStore)).toEqual([1, 2, 3, 4]);
    } finally {
      await slow.end();
    }
  });
});

test('nothing is appended after a change of the tables that needs newer servers', async () => {
  await withServers(1, async ([server]) => {
    await made.query(`UPDATE writer SET epoch = 900 WHERE part = 'journal'`);
    await expect(server?.store.append([makeEntry('a')])).rejects.toMatchObject({
      code: 'DATABASE_OTHER_VERSION',
    });
    await expect(server?.store.tryJournal()).rejects.toMatchObject({
      code: 'DATABASE_OTHER_VERSION',
    });
  });
});
