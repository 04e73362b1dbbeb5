import type { StreamKey } from '../../model/break.ts';
import type { Source } from '../../model/vocabulary.ts';
import type { RecordRow } from '../rows/break-row.ts';
import type { PushRow } from '../rows/plain-rows.ts';
import type { BreaksOfStream, PushesOfStream, StreamEnd, TimeRange } from '../store.ts';
import type { Connection, SqlValue } from './connection.ts';
import { type Completer, OWN_COLUMNS, type OwnRow } from './record-parts.ts';

const OF_STREAM = 'b.stream = ? AND c.account = ? AND c.domain = ? AND c.app = ?';
const IN_RANGE = 'b.ended_at >= ? AND b.ended_at < ?';

/** Without the columns that name the stream: reading these texts again for each push takes longer than all else. */
const PUSHES = `
  SELECT started_at, ended_at, sequence, tx_time FROM pushes
  WHERE stream = ? AND account = ? AND domain = ? AND app = ?`;

type OwnColumns = [
  startedAt: number,
  endedAt: number | null,
  sequence: string | null,
  txTime: number | null,
];

function streamValues(key: StreamKey): SqlValue[] {
  return [key.stream, key.account, key.domain, key.app];
}

// The texts are made once: the connection finds a prepared statement by its text, and a long new text costs more
// than a short search.
const RECORDS = `SELECT ${OWN_COLUMNS} FROM breaks b
  JOIN cells c ON c.cell = b.cell JOIN break_details d ON d.n = b.n`;
const BREAKS = `${RECORDS} WHERE ${OF_STREAM} AND ${IN_RANGE} ORDER BY b.ended_at, b.id`;
// The plus keeps the planner from the index of all failures.
const LAST_FAILURE = `${RECORDS} WHERE ${OF_STREAM} AND ${IN_RANGE} AND +b.down = 1
  ORDER BY b.ended_at DESC, b.id DESC LIMIT 1`;
const ENDS = `SELECT b.started_at, b.ended_at, b.down FROM breaks b JOIN cells c ON c.cell = b.cell
  WHERE ${OF_STREAM} AND ${IN_RANGE} ORDER BY b.ended_at, b.id`;
const PUSHES_IN_RANGE = `${PUSHES} AND started_at >= ? AND started_at < ? ORDER BY started_at`;
const PUSHES_BY_SEQUENCE = `${PUSHES}
  AND sequence IN (SELECT value FROM json_each(?)) AND started_at < ? ORDER BY started_at`;

/** A limit as text: with a bound one, SQLite takes three times as long for a query of this kind. */
function limitOf(rows: number): string {
  return `LIMIT ${Math.trunc(rows)}`;
}

/** Operations that read the breaks and pushes of one stream. */
export function createStreamOperations(connection: Connection, complete: Completer) {
  function breaksOfStream(
    key: StreamKey,
    range: TimeRange,
    { first, lastFailure = false }: BreaksOfStream = {},
  ): RecordRow[] {
    const rows = connection.rows<OwnRow>(
      lastFailure ? LAST_FAILURE : first === undefined ? BREAKS : `${BREAKS} ${limitOf(first)}`,
      ...streamValues(key),
      range.from,
      range.to,
    );
    return rows.map(complete);
  }

  return {
    breaksOfStream,
    /** Null when there may be more. */
    fewBreaksOfStream(key: StreamKey, range: TimeRange, most: number): RecordRow[] | null {
      // The index alone tells, with streams of this name in other domains. No row is read.
      const found = connection.rows(
        `SELECT 1 FROM breaks b INDEXED BY breaks_by_stream
         WHERE b.stream = ? AND ${IN_RANGE} ${limitOf(most + 1)}`,
        key.stream,
        range.from,
        range.to,
      );
      if (found.length > most) {
        return null;
      }
      return found.length === 0 ? [] : breaksOfStream(key, range);
    },
    endsOfStream(key: StreamKey, range: TimeRange): StreamEnd[] {
      return connection
        .rows<[number | null, number, number]>(ENDS, ...streamValues(key), range.from, range.to)
        .map(([startedAt, endedAt, down]) => ({ startedAt, endedAt, failed: down === 1 }));
    },
    hasOtherSource(key: StreamKey, range: TimeRange, source: Source): boolean {
      const found = connection.row(
        `SELECT 1 FROM breaks b JOIN cells c ON c.cell = b.cell JOIN break_details d ON d.n = b.n
         WHERE ${OF_STREAM} AND ${IN_RANGE}
           AND EXISTS (SELECT 1 FROM json_each(d.sources) WHERE value ->> 'source' <> ?)
         LIMIT 1`,
        ...streamValues(key),
        range.from,
        range.to,
        source,
      );
      return found !== undefined;
    },
    pushesOfStream(
      key: StreamKey,
      range: TimeRange,
      { last, sequences = [] }: PushesOfStream = {},
    ): PushRow[] {
      const inRange = connection.rows<OwnColumns>(
        last === undefined ? PUSHES_IN_RANGE : `${PUSHES_IN_RANGE} DESC ${limitOf(last)}`,
        ...streamValues(key),
        range.from,
        range.to,
      );
      if (last !== undefined) {
        inRange.reverse();
      }
      const { account, domain, app, stream } = key;
      const rowOf = (own: OwnColumns): PushRow => [account, domain, app, stream, ...own];
      if (sequences.length === 0) {
        return inRange.map(rowOf);
      }
      const earlier = connection.rows<OwnColumns>(
        PUSHES_BY_SEQUENCE,
        ...streamValues(key),
        JSON.stringify(sequences),
        range.from,
      );
      return [...earlier, ...inRange].map(rowOf);
    },
  };
}
