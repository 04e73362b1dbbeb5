import type { StreamKey } from '../../model/break.ts';
import type { Source } from '../../model/vocabulary.ts';
import { RECORDS, type RecordRow } from '../rows/break-row.ts';
import type { PushRow } from '../rows/plain-rows.ts';
import type { BreaksOfStream, PushesOfStream, StreamEnd, TimeRange } from '../store.ts';
import type { Connection, SqlValue } from './connection.ts';

const OF_STREAM = 'b.stream = ? AND c.account = ? AND c.domain = ? AND c.app = ?';
const IN_RANGE = 'b.ended_at >= ? AND b.ended_at < ?';

const PUSHES = `
  SELECT account, domain, app, stream, started_at, ended_at, sequence, tx_time FROM pushes
  WHERE stream = ? AND account = ? AND domain = ? AND app = ?`;

function streamValues(key: StreamKey): SqlValue[] {
  return [key.stream, key.account, key.domain, key.app];
}

/** A limit as text: with a bound one, SQLite takes three times as long for a query of this kind. */
function limitOf(rows: number | undefined): string {
  return rows === undefined ? '' : `LIMIT ${Math.trunc(rows)}`;
}

/** Operations that read the breaks and pushes of one stream. */
export function createStreamOperations(connection: Connection) {
  return {
    breaksOfStream(
      key: StreamKey,
      range: TimeRange,
      { first, lastFailure = false }: BreaksOfStream = {},
    ): RecordRow[] {
      // The plus keeps the planner from the index of all failures.
      const [condition, order] = lastFailure ? ['AND +b.down = 1', 'DESC'] : ['', 'ASC'];
      const limit = limitOf(lastFailure ? 1 : first);
      return connection.rows(
        `${RECORDS} WHERE ${OF_STREAM} AND ${IN_RANGE} ${condition}
         ORDER BY b.ended_at ${order}, b.id ${order} ${limit}`,
        ...streamValues(key),
        range.from,
        range.to,
      );
    },
    endsOfStream(key: StreamKey, range: TimeRange): StreamEnd[] {
      return connection
        .rows<[number, number]>(
          `SELECT b.ended_at, b.down FROM breaks b JOIN cells c ON c.cell = b.cell
           WHERE ${OF_STREAM} AND ${IN_RANGE} ORDER BY b.ended_at, b.id`,
          ...streamValues(key),
          range.from,
          range.to,
        )
        .map(([endedAt, down]) => ({ endedAt, failed: down === 1 }));
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
      const order = last === undefined ? 'ASC' : `DESC ${limitOf(last)}`;
      const inRange = connection.rows<PushRow>(
        `${PUSHES} AND started_at >= ? AND started_at < ? ORDER BY started_at ${order}`,
        ...streamValues(key),
        range.from,
        range.to,
      );
      if (last !== undefined) {
        inRange.reverse();
      }
      if (sequences.length === 0) {
        return inRange;
      }
      const earlier = connection.rows<PushRow>(
        `${PUSHES} AND sequence IN (SELECT value FROM json_each(?)) AND started_at < ?
         ORDER BY started_at`,
        ...streamValues(key),
        JSON.stringify(sequences),
        range.from,
      );
      return [...earlier, ...inRange];
    },
  };
}
