import { setTimeout as wait } from 'node:timers/promises';

/** Runs a statement on the database of the servers. */
export type Query = (text: string) => Promise<Record<string, unknown>[]>;

/**
 * Waits for a moment; what cannot be asked yet counts as not over.
 *
 * @param withinMs - the longest time to wait, ms
 * @throws when it is not over then
 */
export async function until(
  what: string,
  isOver: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isOver().catch(() => false))) {
    if (performance.now() > end) {
      throw new Error(`not over within ${withinMs / 1_000} s: ${what}`);
    }
    await wait(50);
  }
}

/** What became of the breaks that servers acknowledged. */
export interface StoredCounts {
  /** Breaks that a server acknowledged. */
  events: number;
  /** Of these, the ones that are not stored. */
  lost: number;
  /** Streams with more breaks than were reported, and entries that the journal has twice. */
  twice: number;
}

/**
 * Waits until the whole journal is derived, and counts what is stored.
 *
 * @param acknowledged - streams, each with one break
 * @param withinMs - as for {@link until}
 */
export async function countStored(
  query: Query,
  acknowledged: ReadonlySet<string>,
  withinMs: number,
): Promise<StoredCounts> {
  const isDerived = async () => {
    const [row] = await query(
      `SELECT w.seq = m.value AS done FROM breakwatch.writer w, breakwatch.meta m
       WHERE w.part = 'journal' AND m.name = 'cursor'`,
    );
    return row?.done === true;
  };
  await until('everything is derived', isDerived, withinMs);
  const rows = await query(
    'SELECT stream, count(*)::integer AS n FROM breakwatch.breaks GROUP BY 1',
  );
  const found = new Map(rows.map(({ stream, n }) => [stream as string, n as number]));
  const [doubled] = await query(
    'SELECT count(*)::integer AS n FROM (SELECT 1 FROM breakwatch.journal GROUP BY account, source, key HAVING count(*) > 1) d',
  );
  return {
    events: acknowledged.size,
    lost: [...acknowledged].filter((stream) => !found.has(stream)).length,
    twice: [...found.values()].filter((count) => count > 1).length + (doubled?.n as number),
  };
}
