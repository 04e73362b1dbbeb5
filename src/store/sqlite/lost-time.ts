import {
  countChanges,
  type LostBreak,
  LostChanges,
  openText,
  parseOpen,
  planChanges,
  type StreamChanges,
  type StreamValues,
} from '../rows/lost-change.ts';
import type { LostSpan } from '../rows/lost-spans.ts';
import { LostSums } from '../rows/lost-sums.ts';
import { LONGEST_SHORT_CLASS } from '../rows/span-class.ts';
import type { Connection } from './connection.ts';
import { writeSums } from './lost-sums.ts';
import { createCellReader } from './read-cell.ts';

/** A break, with what identifies it and its stream. */
interface StoredBreak extends LostBreak {
  n: number;
  stream: string;
}

const OF_STREAM = 'stream = ? AND domain = ? AND app = ? AND account = ?';

/** Adds up the changes that one batch makes to the lost time of its streams, then writes them; see `lost-change.ts`. */
export class LostTally {
  readonly #breaks: { row: StoredBreak; sign: 1 | -1 }[] = [];

  /** Adds a break, or removes it as it was before. */
  add(row: StoredBreak, sign: 1 | -1): void {
    this.#breaks.push({ row, sign });
  }

  /** Must be called in the transaction that writes the breaks, after they are written. */
  write(connection: Connection): void {
    const cellOf = createCellReader(connection);
    const changes = new LostChanges<number>();
    for (const { row, sign } of this.#breaks) {
      const { domain, app, account } = cellOf(row.cell);
      changes.add([row.stream, domain, app, account], row.n, row, sign);
    }
    const sums = new LostSums();
    for (const ofStream of changes.take()) {
      writeStream(connection, ofStream, sums);
    }
    writeSums(connection, sums);
  }
}

/** Writes the changes of one stream. */
function writeStream(connection: Connection, changes: StreamChanges<number>, sums: LostSums): void {
  const { stream, breaks } = changes;
  const plan = planChanges(changes, readOpen(connection, stream));
  if (plan === undefined) {
    return;
  }
  const unchanged = readSpans(connection, stream, plan.from, plan.to, breaks);
  const open = countChanges(plan, unchanged, sums);
  if (open !== undefined) {
    writeOpen(connection, stream, open);
  }
}

const SPANS = 'SELECT b.n, b.cell, b.ended_at, b.recovered_at FROM breaks b';
const OVERLAP = `CROSS JOIN cells c ON c.cell = b.cell
  WHERE b.stream = ? AND b.until > ? AND b.ended_at < ? AND b.down = 1
    AND c.domain = ? AND c.app = ? AND c.account = ?`;
const SPANS_OF_STREAM = `${SPANS} INDEXED BY breaks_by_stream ${OVERLAP}
    AND b.ended_at > ? AND b.span_class <= ${LONGEST_SHORT_CLASS}
  UNION ALL
  ${SPANS} INDEXED BY breaks_long ${OVERLAP} AND b.span_class > ${LONGEST_SHORT_CLASS}`;

/** The spans of a stream that overlap a range, without those of changed breaks. */
function readSpans(
  connection: Connection,
  stream: StreamValues,
  from: number,
  to: number,
  changed: ReadonlyMap<number, unknown>,
): LostSpan[] {
  const [name, ...place] = stream;
  const values = [name, from, to, ...place];
  const rows = connection.rows<[number, number, number, number | null]>(
    SPANS_OF_STREAM,
    ...values,
    from - 2 ** LONGEST_SHORT_CLASS,
    ...values,
  );
  return rows
    .filter(([n]) => !changed.has(n))
    .map(([, cell, endedAt, recoveredAt]) => ({ cell, from: endedAt, to: recoveredAt }));
}

function readOpen(connection: Connection, stream: StreamValues): LostSpan[] | undefined {
  const sql = `SELECT spans FROM lost_open WHERE ${OF_STREAM}`;
  const row = connection.row<[string]>(sql, ...stream);
  return row && parseOpen(row[0]);
}

function writeOpen(connection: Connection, stream: StreamValues, spans: LostSpan[]): void {
  if (spans.length === 0) {
    connection.run(`DELETE FROM lost_open WHERE ${OF_STREAM}`, ...stream);
    return;
  }
  connection.run(
    `INSERT INTO lost_open (stream, domain, app, account, spans) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (stream, domain, app, account) DO UPDATE SET spans = excluded.spans`,
    ...stream,
    openText(spans),
  );
}
