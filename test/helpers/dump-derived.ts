import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { eachCount } from '../../src/store/rows/place-bytes.ts';
import { VarintReader } from '../../src/store/rows/varint.ts';

type Row = (string | number | null)[];

/** All that a SQLite store derived from its journal, in an order that does not depend on when it was written. */
export interface DerivedDump {
  breaks: unknown[];
  pushes: Row[];
  /** Table, cell, bucket, count. */
  rollUps: Row[];
  /** Kind, value, hour, cell, count. */
  places: Row[];
  /** Cells, day, quarter hour, ms. */
  lost: Row[];
  /** Stream, then its spans. */
  open: unknown[];
  cursor: unknown;
}

/**
 * Reads what is stored in the tables themselves, because two stores with the same answers may still differ in
 * what later batches start from. Numbers of rows are replaced by what they stand for.
 *
 * @param folder - data folder; its store may be open
 * @param ignored - names of facts to leave out, in the evidence too
 */
export function dumpDerived(folder: string, ignored: ReadonlySet<string> = new Set()): DerivedDump {
  const database = new DatabaseSync(join(folder, 'breakwatch.db'), { readOnly: true });
  const rows = (sql: string): Row[] => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement.all() as unknown as Row[];
  };
  try {
    const cells = new Map(
      rows(`SELECT cell, account || ' ' || domain || ' ' || app || ' ' || outcome || ' ' || category
        || ' ' || severity || ' ' || side || ' ' || reason || ' ' || rule FROM cells`).map(
        ([cell, text]) => [Number(cell), String(text)],
      ),
    );
    const nameOf = (cell: number) => cells.get(cell) ?? `no cell ${cell}`;
    return {
      breaks: rows(
        `SELECT b.cell, d.facts, d.evidence, v.body, b.id, b.stream, b.client_ip, b.node, b.started_at, b.ended_at,
           b.duration_ms, b.recovered_at, b.down, b.until, b.span_class, d.errcode, d.sub_errcode,
           d.bypass_code, d.reason_text, d.resolution, d.sequence, d.event_outcome, d.event_reason,
           d.sources
         FROM breaks b JOIN break_details d ON d.n = b.n JOIN verdicts v ON v.verdict = d.verdict
         ORDER BY b.id`,
      ).map(([cell, facts, evidence, body, ...rest]) => [
        nameOf(cell as number),
        Object.entries(JSON.parse(facts as string)).filter(([name]) => !ignored.has(name)),
        (JSON.parse(evidence as string) as { fact: string }[]).filter(
          ({ fact }) => !ignored.has(fact),
        ),
        body,
        ...rest,
      ]),
      pushes: rows(
        `SELECT account, domain, app, stream, started_at, ended_at, sequence, tx_time FROM pushes
         ORDER BY account, domain, app, stream, started_at`,
      ),
      rollUps: ['minute', 'quarter', 'hour', 'day'].flatMap((width) =>
        sorted(
          rows(`SELECT cell, bucket, breaks FROM rollup_${width}`).map(([cell, ...rest]) => [
            width,
            nameOf(cell as number),
            ...rest,
          ]),
        ),
      ),
      places: sorted(
        rows('SELECT kind, chunk, value, total, counts FROM place_counts').flatMap(
          ([kind, chunk, value, total, bytes]) => {
            const counts: Row[] = [[kind, chunk, value, 'total', total] as Row];
            eachCount(bytes as unknown as Uint8Array, (cell, hour, count) =>
              counts.push([kind, chunk, value, hour, nameOf(cell), count] as Row),
            );
            return counts;
          },
        ),
      ),
      lost: sorted(
        rows(
          'SELECT s.cells, l.day, l.sums FROM lost_time l JOIN cell_sets s USING (cell_set)',
        ).flatMap(([set, day, bytes]) => {
          const names = String(set).split(',').map(Number).map(nameOf).sort().join(', ');
          const reader = new VarintReader(bytes as unknown as Uint8Array);
          const sums: Row[] = [];
          for (let quarter = 0; reader.at < (bytes as unknown as Uint8Array).length; quarter++) {
            const ms = reader.next();
            if (ms > 0) {
              sums.push([names, day as number, quarter, ms]);
            }
          }
          return sums;
        }),
      ),
      open: rows(
        'SELECT account, domain, app, stream, spans FROM lost_open ORDER BY account, domain, app, stream',
      ).map((row) => {
        const spans = JSON.parse(row.pop() as string) as [number, number, number | null][];
        return [...row, sorted(spans.map(([cell, ...times]) => [nameOf(cell), ...times]))];
      }),
      cursor: rows(`SELECT value FROM meta WHERE name = 'cursor'`),
    };
  } finally {
    database.close();
  }
}

function sorted(rows: Row[]): Row[] {
  return rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ row }) => row);
}
