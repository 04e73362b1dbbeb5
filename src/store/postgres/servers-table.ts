import type { StoreServer } from '../shared-store.ts';
import type { Sql } from './database.ts';

/**
 * The servers that share the tables, and what they ask the one that leads. Each server renews its row every second. `leads`
 * is the epoch at which it leads, which counts only while `writer` has the same one.
 */
export const SERVERS_TABLES = `
  CREATE TABLE servers (
    id uuid PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    leads bigint,
    seen_at timestamptz NOT NULL,
    note text COLLATE "C" NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The epoch of the server that answers; null before one does.
    epoch bigint,
    answer text COLLATE "C"
  )`;

/** The servers of a schema, as one of them sees them. */
export interface ServersNow {
  /** The number of the server that may write; null when its row is missing. */
  epoch: number | null;
  /** Names it, also when it has gone. */
  owner: string;
  /** The clock of the database, epoch ms UTC. */
  at: number;
  servers: (StoreServer & { epoch: number | null })[];
}

/** A server that gave no sign of life for this time, ms, is not listed. */
const LISTED_MS = 60_000;

/** Gives a sign of life. */
export async function renewServer(
  sql: Sql,
  { id, name, epoch, note }: { id: string; name: string; epoch: number | null; note: unknown },
): Promise<void> {
  await sql.run(
    `INSERT INTO servers (id, name, leads, seen_at, note) VALUES ($1, $2, $3, clock_timestamp(), $4)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, leads = excluded.leads, seen_at = excluded.seen_at,
       note = excluded.note`,
    id,
    name,
    epoch,
    JSON.stringify(note ?? null),
  );
}

/** Reads the servers, those that began first come first. */
export async function readServers(sql: Sql): Promise<ServersNow> {
  const rows = await sql.rows<
    [
      ...[epoch: number | null, owner: string | null, at: number],
      ...[id: string | null, name: string, leads: number | null, agoMs: number, note: string],
    ]
  >(
    `SELECT w.epoch, w.owner, (extract(epoch FROM clock_timestamp()) * 1000)::float8,
       s.id, s.name, s.leads, (extract(epoch FROM clock_timestamp() - s.seen_at) * 1000)::float8, s.note
     FROM (SELECT 1) one
       LEFT JOIN writer w ON w.part = 'derived'
       LEFT JOIN servers s ON s.seen_at > clock_timestamp() - interval '${LISTED_MS} ms'
     ORDER BY s.name, s.id`,
  );
  const [first] = rows;
  return {
    epoch: first?.[0] ?? null,
    owner: first?.[1] ?? '',
    at: first?.[2] ?? 0,
    servers: rows.flatMap(([epoch, , , id, name, leads, agoMs, note]) =>
      id === null
        ? []
        : [
            {
              id,
              name,
              epoch: leads,
              leads: leads !== null && leads === epoch,
              seenAgoMs: agoMs,
              note: JSON.parse(note) as unknown,
            },
          ],
    ),
  };
}
