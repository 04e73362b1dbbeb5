import type { CountedBreak } from '../rows/break-row.ts';
import type { Connection } from './connection.ts';
import { LostTally } from './lost-time.ts';
import { PlaceTally } from './place-counts.ts';
import { minutesSince, ROLL_UPS } from './roll-ups.ts';

/** Name in the table `meta` of the highest number that a deleted break had. */
export const HIGHEST_DELETED = 'highest_deleted_break';

/** Adds up the changes that one batch makes to the roll-ups, then writes them. */
export class Tally {
  readonly #changes = new Map<string, { cell: number; endedAt: number; breaks: number }>();

  readonly #places = new PlaceTally();
  readonly #lost = new LostTally();

  /** Counts a break that is written, or with -1 one that is deleted, as it was before. */
  add(row: CountedBreak, breaks: 1 | -1): void {
    const { n, cell, endedAt, recoveredAt, down, places } = row;
    this.#places.add(cell, endedAt, breaks, places);
    this.#lost.add({ n, cell, stream: places.stream, endedAt, recoveredAt, down }, breaks);
    const minute = Math.floor(endedAt / 60_000);
    const key = `${cell} ${minute}`;
    const change = this.#changes.get(key);
    if (change === undefined) {
      this.#changes.set(key, { cell, endedAt, breaks });
    } else {
      change.breaks += breaks;
    }
  }

  /** Must be called in the transaction that writes the breaks, after they are written. */
  write(connection: Connection): void {
    this.#places.write(connection);
    this.#lost.write(connection);
    const since = minutesSince(connection);
    for (const { table, widthMs } of ROLL_UPS) {
      for (const [key, breaks] of this.#sumsBy(widthMs)) {
        const [cell, bucket] = key.split(' ').map(Number) as [number, number];
        // Old counts by minute were purged and are not read any more.
        if (breaks === 0 || (widthMs === 60_000 && bucket < since)) {
          continue;
        }
        connection.run(
          `INSERT INTO ${table} (cell, bucket, breaks) VALUES (?, ?, ?)
           ON CONFLICT (cell, bucket) DO UPDATE SET breaks = breaks + excluded.breaks`,
          cell,
          bucket,
          breaks,
        );
        if (breaks < 0) {
          connection.run(
            `DELETE FROM ${table} WHERE cell = ? AND bucket = ? AND breaks = 0`,
            cell,
            bucket,
          );
        }
      }
    }
  }

  #sumsBy(widthMs: number): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { cell, endedAt, breaks } of this.#changes.values()) {
      const key = `${cell} ${Math.floor(endedAt / widthMs) * widthMs}`;
      sums.set(key, (sums.get(key) ?? 0) + breaks);
    }
    return sums;
  }
}

/** Deletes a break with its details and earlier verdicts. The caller opens the transaction. */
export function deleteBreak(
  connection: Connection,
  id: string,
  row: CountedBreak,
  tally: Tally,
): void {
  connection.run('DELETE FROM earlier_verdicts WHERE break_id = ?', id);
  connection.run('DELETE FROM break_details WHERE n = ?', row.n);
  connection.run('DELETE FROM breaks WHERE n = ?', row.n);
  // SQLite would give the number of the last row to the next one, and readers of what is new would miss that.
  connection.run(
    `INSERT INTO meta (name, value) VALUES ('${HIGHEST_DELETED}', ?)
     ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    row.n,
  );
  tally.add(row, -1);
}
