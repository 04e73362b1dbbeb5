import type { JournalEntry, StoredJournalEntry } from '../../model/break.ts';
import { BreakwatchError } from '../../model/errors.ts';
import type { Source } from '../../model/vocabulary.ts';
import { entryKeysOf, entryOf, type JournalRow } from '../rows/plain-rows.ts';
import type { EntryKey, KeyRange, Store } from '../store.ts';
import { bucketOf, bucketOfHash, keyHash } from './bucket.ts';
import type { Sql } from './database.ts';
import { gatherCalls, rowsOfCalls } from './gather-calls.ts';
import { indexed } from './indexed.ts';
import { joinJson, jsonList } from './json-list.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { isDoubleKey } from './postgres-error.ts';

type Appended = Awaited<ReturnType<Store['append']>>;

const COLUMNS = 'j.seq, j.account, j.source, j.key, j.received_at, j.body, j.derived';

/**
 * Adds entries. In one statement, so that a seq is used up only by an entry that is stored: the row of
 * `writer` stays locked until the statement has committed, so the order of seqs is the order of commits, and
 * no seq is left out, however many servers append. The server keeps its plan, so a known key is looked up in a subquery:
 * a join may be planned as reading all keys while there are few.
 */
const APPEND = `
  WITH wanted AS MATERIALIZED (
    SELECT w.*, (
      SELECT k.seq FROM journal_keys k
      WHERE k.bucket = w.key_bucket AND k.key_hash = w.key_hash) AS known
    FROM unnest($2::smallint[], $3::smallint[], $4::uuid[], $5::text[], $6::text[], $7::text[],
      $8::bigint[], ${jsonList('$9')}, ${jsonList('$10')}) WITH ORDINALITY
      AS w (bucket, key_bucket, key_hash, account, source, key, received_at, body, derived, place)
  ), fresh AS (
    SELECT w.*, row_number() OVER (ORDER BY w.place) AS number FROM wanted w WHERE known IS NULL
  ), head AS (
    UPDATE writer SET seq = seq + (SELECT count(*) FROM fresh) WHERE part = 'journal' AND epoch <= $1
    RETURNING seq - (SELECT count(*) FROM fresh) AS before
  ), keys AS (
    INSERT INTO journal_keys (bucket, key_hash, seq)
    SELECT f.key_bucket, f.key_hash, h.before + f.number FROM fresh f CROSS JOIN head h
  ), added AS (
    INSERT INTO journal (bucket, seq, account, source, key, received_at, body, derived)
    SELECT f.bucket, h.before + f.number, f.account, f.source, f.key, f.received_at, f.body, f.derived
    FROM fresh f CROSS JOIN head h
  )
  SELECT w.key_hash, coalesce(w.known, h.before + f.number), w.known IS NOT NULL
  FROM wanted w CROSS JOIN head h LEFT JOIN fresh f ON f.place = w.place`;

/** The stream that an entry tells about; empty when its message names none. */
function streamOf({ body }: Pick<JournalEntry, 'body'>): string {
  const name = body.stream_id ?? body.channel_id ?? body.StreamName;
  return typeof name === 'string' || typeof name === 'number' ? String(name) : '';
}

/** The bucket of an entry. */
export function entryBucket(entry: Pick<JournalEntry, 'account' | 'body'>): number {
  return bucketOf(entry.account, streamOf(entry));
}

/** Identifies an entry in `journal_keys`. */
export function entryHash(account: string, { source, key }: EntryKey): string {
  return keyHash(account, source, key);
}

/** Attempts to append entries whose keys other servers add at the same moment. */
const ATTEMPTS = 20;

/**
 * Appends entries; resolves when they are on disk.
 *
 * @throws `DATABASE_OTHER_VERSION` after a change of the tables that this program does not know,
 *   `DATABASE_ROWS_MISSING` while the rows of `writer` are missing
 */
export async function appendEntries(sql: Sql, entries: readonly JournalEntry[]): Promise<Appended> {
  if (entries.length === 0) {
    return [];
  }
  const hashes = entries.map((entry) => entryHash(entry.account, entry));
  const first = new Map<string, JournalEntry>();
  for (const [index, entry] of entries.entries()) {
    const hash = hashes[index] as string;
    if (!first.has(hash)) {
      first.set(hash, entry);
    }
  }
  const wanted = [...first.values()];
  const rows = await untilSeen(() =>
    sql.prepared<[string, number, boolean]>(
      'append',
      APPEND,
      SCHEMA_VERSION,
      wanted.map(entryBucket),
      [...first.keys()].map(bucketOfHash),
      [...first.keys()],
      wanted.map(({ account }) => account),
      wanted.map(({ source }) => source),
      wanted.map(({ key }) => key),
      wanted.map(({ receivedAt }) => receivedAt),
      joinJson(wanted.map(({ body }) => JSON.stringify(body))),
      joinJson(wanted.map(({ derived }) => JSON.stringify(derived))),
    ),
  );
  if (rows.length < wanted.length) {
    return throwClosed(sql);
  }
  const found = new Map(
    rows.map(([hash, seq, duplicate]) => [hash.replaceAll('-', ''), { seq, duplicate }]),
  );
  const seen = new Set<string>();
  return hashes.map((hash) => {
    const one = found.get(hash) as Appended[number];
    const duplicate = one.duplicate || seen.has(hash);
    seen.add(hash);
    return { seq: one.seq, duplicate };
  });
}

/** @throws always: why nothing can be appended */
async function throwClosed(sql: Sql): Promise<never> {
  const row = await sql.row<[schema: string, found: number | null, needs: number | null]>(
    `SELECT current_schema(), (SELECT value FROM meta WHERE name = 'schema'),
       (SELECT epoch FROM writer WHERE part = 'journal')`,
  );
  const [schema = '', found = 0, needs = null] = row ?? [];
  throw needs === null
    ? new BreakwatchError('DATABASE_ROWS_MISSING', { schema })
    : new BreakwatchError('DATABASE_OTHER_VERSION', {
        schema,
        found: found ?? 0,
        known: SCHEMA_VERSION,
      });
}

/** Writes to the journal's disk without adding an entry. @throws as {@link appendEntries} */
export async function tryJournal(sql: Sql): Promise<void> {
  const changed = await sql.run(
    `UPDATE writer SET seq = seq WHERE part = 'journal' AND epoch <= $1`,
    SCHEMA_VERSION,
  );
  if (changed === 0) {
    await throwClosed(sql);
  }
}

/**
 * Runs a statement again while it fails because another server committed one of its keys after it had begun to look for
 * them: the next attempt finds the key. A lock before the look would need a transaction of several statements, in which a
 * server could stop and keep all others from appending.
 */
async function untilSeen<T>(append: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await append();
    } catch (thrown) {
      if (attempt === ATTEMPTS || !isDoubleKey(thrown)) {
        throw thrown;
      }
    }
  }
}

interface EntriesCall {
  account: string;
  keys: readonly EntryKey[];
}

/** The entries with some keys, in order of seq, for each call. */
async function readEntries(
  sql: Sql,
  calls: readonly EntriesCall[],
): Promise<StoredJournalEntry[][]> {
  const wanted = calls.flatMap(({ account, keys }, call) =>
    entryKeysOf(keys).map(([source, key]) => ({ call, account, source, key })),
  );
  const rows = await sql.rows<[number, ...JournalRow]>(
    `SELECT w.n, ${COLUMNS}
     FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[]) AS w (n, account, source, key)
       JOIN journal j ON j.account = w.account AND j.source = w.source
         AND ${indexed('j.key')} = ${indexed('w.key')} AND j.key = w.key
     ORDER BY w.n, j.seq`,
    wanted.map(({ call }) => call),
    wanted.map(({ account }) => account),
    wanted.map(({ source }) => source),
    wanted.map(({ key }) => key),
  );
  return rowsOfCalls(calls, rows).map((ofCall) => ofCall.map(entryOf));
}

/** The reads of the journal. */
export function journalReads(sql: Sql) {
  const entriesOf = gatherCalls((calls: readonly EntriesCall[]) => readEntries(sql, calls));
  return {
    async journal(afterSeq: number, limit: number) {
      const rows = await sql.rows<JournalRow>(
        `SELECT ${COLUMNS} FROM journal j WHERE j.seq > $1 ORDER BY j.seq LIMIT $2`,
        afterSeq,
        limit,
      );
      return rows.map(entryOf);
    },
    journalEntries: (account: string, keys: readonly EntryKey[]) =>
      keys.length === 0 ? Promise.resolve([]) : entriesOf({ account, keys }),
    async entriesBetween(account: string, source: Source, keys: KeyRange, limit: number) {
      // The beginning of a key sorts like the key, so the index finds what the whole keys decide.
      const rows = await sql.rows<JournalRow>(
        `SELECT ${COLUMNS} FROM journal j
         WHERE j.account = $1 AND j.source = $2
           AND ${indexed('j.key')} >= ${indexed('$3::text COLLATE "C"')}
           AND ${indexed('j.key')} <= ${indexed('$4::text COLLATE "C"')}
           AND j.key >= $3 AND j.key < $4
         ORDER BY j.key LIMIT $5`,
        account,
        source,
        keys.from,
        keys.to,
        limit,
      );
      return rows.map(entryOf);
    },
    async cursor(): Promise<number> {
      return (await sql.row<[number]>(`SELECT value FROM meta WHERE name = 'cursor'`))?.[0] ?? 0;
    },
  };
}
