import type { RollUpWidth } from '../rows/split-range.ts';
import type { Sql } from './database.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

/** All roll-ups, widest first; each width is a multiple of the next. */
export const ROLL_UPS: readonly RollUpWidth[] = [
  { widthMs: DAY_MS },
  { widthMs: HOUR_MS },
  { widthMs: QUARTER_MS },
];

/**
 * The part to which a server adds. While one server writes, there is one; each of several would have its own, so
 * that none waits for a row of another, and reading adds the parts up.
 */
const PART = 0;

/**
 * Counts of breaks by cell and time, written in the transaction that writes the breaks, so that panels over weeks
 * do not read each break.
 */
export const ROLL_UP_TABLE = `
  CREATE TABLE rollups (
    -- In ms.
    width integer NOT NULL,
    cell integer NOT NULL,
    -- Start, epoch ms UTC.
    at bigint NOT NULL,
    part smallint NOT NULL,
    breaks integer NOT NULL,
    PRIMARY KEY (width, cell, at, part)
  ) WITH (fillfactor = 80)`;

/** Counts all breaks again. Takes about as long as reading them; the caller opens the transaction. */
export async function rebuildRollUps(sql: Sql): Promise<void> {
  await sql.script('DELETE FROM rollups');
  await sql.run(
    `INSERT INTO rollups (width, cell, at, part, breaks)
     SELECT ${QUARTER_MS}, cell, ended_at / ${QUARTER_MS} * ${QUARTER_MS}, ${PART}, count(*)
     FROM breaks GROUP BY 2, 3`,
  );
  for (const width of [HOUR_MS, DAY_MS]) {
    await sql.run(
      `INSERT INTO rollups (width, cell, at, part, breaks)
       SELECT ${width}, cell, at / ${width} * ${width}, part, sum(breaks)
       FROM rollups WHERE width = ${QUARTER_MS} GROUP BY 2, 3, 4`,
    );
  }
}

/** Adds up the changes that one batch makes to the roll-ups, then writes them. */
export class RollUpTally {
  /** By width, cell and start. */
  readonly #changes = new Map<string, [width: number, cell: number, at: number, breaks: number]>();

  /** Counts a break that is written, or with -1 one that is deleted, as it was before. */
  add(cell: number, endedAt: number, breaks: 1 | -1): void {
    for (const { widthMs } of ROLL_UPS) {
      const at = Math.floor(endedAt / widthMs) * widthMs;
      const key = `${widthMs} ${cell} ${at}`;
      const change = this.#changes.get(key);
      if (change === undefined) {
        this.#changes.set(key, [widthMs, cell, at, breaks]);
      } else {
        change[3] += breaks;
      }
    }
  }

  /** Must be called in the transaction that writes the breaks. */
  async write(sql: Sql): Promise<void> {
    // In order, so that transactions that change the same rows wait for each other and never for a circle.
    const changes = [...this.#changes.entries()]
      .filter(([, [, , , breaks]]) => breaks !== 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, change]) => change);
    this.#changes.clear();
    if (changes.length === 0) {
      return;
    }
    const column = (index: 0 | 1 | 2 | 3) => changes.map((change) => change[index]);
    await sql.run(
      `INSERT INTO rollups (width, cell, at, part, breaks)
       SELECT width, cell, at, ${PART}, breaks
       FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::integer[])
         AS w (width, cell, at, breaks)
       ON CONFLICT (width, cell, at, part)
         DO UPDATE SET breaks = rollups.breaks + excluded.breaks`,
      ...([0, 1, 2, 3] as const).map(column),
    );
    const fewer = changes.filter(([, , , breaks]) => breaks < 0);
    if (fewer.length > 0) {
      await sql.run(
        `DELETE FROM rollups r
         USING unnest($1::integer[], $2::integer[], $3::bigint[]) AS w (width, cell, at)
         WHERE r.width = w.width AND r.cell = w.cell AND r.at = w.at AND r.part = ${PART}
           AND r.breaks = 0`,
        ...([0, 1, 2] as const).map((index) => fewer.map((change) => change[index])),
      );
    }
  }
}

/** The number of all breaks. */
export async function countBreaks(sql: Sql): Promise<number> {
  const row = await sql.row<[number]>(
    `SELECT coalesce(sum(breaks), 0)::bigint FROM rollups WHERE width = ${DAY_MS}`,
  );
  return row?.[0] ?? 0;
}
