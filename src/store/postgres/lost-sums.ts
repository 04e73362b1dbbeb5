import { changeSums, type LostSums } from '../rows/lost-sums.ts';
import { keyHash } from './bucket.ts';
import type { Sql } from './database.ts';

/** The part to which a server adds, as in `roll-ups.ts`. */
const PART = 0;
/** Rows of one statement, of at most a kilobyte each. */
const ROWS_PER_WRITE = 2_000;

/**
 * Time that streams were down, stored in addition to the breaks so that panels over weeks do not read each break; see
 * `rows/lost-change.ts`. A row of `lost_time` holds the sums of one UTC day of a set of cells, `lost_open` the spans of a
 * stream since its first break from which it has not recovered. The index finds the long spans of a stream.
 */
export const LOST_TABLES = `
  CREATE TABLE cell_sets (
    -- Of the cells.
    set_hash uuid PRIMARY KEY,
    -- Numbers of cells in ascending order, with commas.
    cells text COLLATE "C" NOT NULL
  );
  CREATE TABLE lost_time (
    -- Since the epoch.
    day integer NOT NULL,
    set_hash uuid NOT NULL,
    part smallint NOT NULL,
    -- ms by quarter hour, see rows/lost-sums.ts.
    sums bytea NOT NULL,
    PRIMARY KEY (day, set_hash, part)
  ) WITH (fillfactor = 70);
  CREATE TABLE lost_open (
    bucket smallint NOT NULL,
    -- Of account, domain, app and stream.
    stream_hash uuid NOT NULL,
    -- JSON: cell, from, to.
    spans text COLLATE "C" NOT NULL,
    PRIMARY KEY (stream_hash, bucket)
  ) WITH (fillfactor = 70);
  CREATE INDEX breaks_long ON breaks (left(stream, 200), until, ended_at)
    WHERE down = 1 AND span_class > 18`;

/** Adds changes to the stored sums. Must be called in the transaction that writes the breaks. */
export async function writeSums(sql: Sql, sums: LostSums): Promise<void> {
  const changes = sums.take();
  for (let at = 0; at < changes.length; at += ROWS_PER_WRITE) {
    await writeSome(sql, changes.slice(at, at + ROWS_PER_WRITE));
  }
}

async function writeSome(sql: Sql, changes: ReturnType<LostSums['take']>): Promise<void> {
  const hashes = changes.map(({ set }) => keyHash(set));
  const days = changes.map(({ day }) => day);
  const sets = [...new Map(changes.map(({ set }, index) => [hashes[index] as string, set]))];
  await sql.run(
    `INSERT INTO cell_sets (set_hash, cells) SELECT * FROM unnest($1::uuid[], $2::text[])
     ON CONFLICT DO NOTHING`,
    sets.map(([hash]) => hash),
    sets.map(([, cells]) => cells),
  );
  const rows = await sql.rows<[place: number, sums: string]>(
    `SELECT w.place, encode(l.sums, 'hex')
     FROM unnest($1::integer[], $2::uuid[]) WITH ORDINALITY AS w (day, set_hash, place)
       JOIN lost_time l ON l.day = w.day AND l.set_hash = w.set_hash AND l.part = ${PART}`,
    days,
    hashes,
  );
  const before = new Map(rows);
  const after = changes.map((change, index) => {
    const known = before.get(index + 1);
    const bytes = changeSums(known === undefined ? undefined : Buffer.from(known, 'hex'), change);
    return Buffer.from(bytes).toString('hex');
  });
  await sql.run(
    `INSERT INTO lost_time (day, set_hash, part, sums)
     SELECT day, set_hash, ${PART}, decode(sums, 'hex')
     FROM unnest($1::integer[], $2::uuid[], $3::text[]) AS w (day, set_hash, sums)
     WHERE sums <> ''
     ON CONFLICT (day, set_hash, part) DO UPDATE SET sums = excluded.sums`,
    days,
    hashes,
    after,
  );
  if (after.includes('')) {
    await sql.run(
      `DELETE FROM lost_time l USING unnest($1::integer[], $2::uuid[], $3::text[])
         AS w (day, set_hash, sums)
       WHERE w.sums = '' AND l.day = w.day AND l.set_hash = w.set_hash AND l.part = ${PART}`,
      days,
      hashes,
      after,
    );
  }
}

/** Rows of one set of cells. */
interface DaysOfSet {
  set: string;
  days: { day: number; bytes: Uint8Array }[];
}

/**
 * Reads the rows of sets of cells.
 *
 * @param from - first day, since the epoch
 * @param to - first day that is not read
 */
export async function readDays(
  sql: Sql,
  sets: readonly string[],
  from: number,
  to: number,
): Promise<DaysOfSet[]> {
  // One row for each set, because passing a row takes longer than reading it.
  const rows = await sql.rows<[set: string, days: number[], lengths: number[], bytes: string]>(
    `SELECT set_hash, array_agg(day), array_agg(length(sums)), encode(string_agg(sums, ''), 'hex')
     FROM (SELECT * FROM lost_time WHERE day >= $1 AND day < $2 OFFSET 0) l
     WHERE set_hash = ANY($3::uuid[]) GROUP BY set_hash`,
    from,
    to,
    sets,
  );
  return rows.map(([set, days, lengths, hex]) => {
    const bytes = Buffer.from(hex, 'hex');
    let end = 0;
    const ofSet = days.map((day, index) => {
      const start = end;
      end += lengths[index] as number;
      return { day, bytes: bytes.subarray(start, end) };
    });
    return { set, days: ofSet };
  });
}
