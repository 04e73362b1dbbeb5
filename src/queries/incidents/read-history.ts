import { createRecordStripper } from '../../incidents/strip-record.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Filters } from '../../model/query.ts';
import type { Outcome } from '../../model/vocabulary.ts';
import type { BreakSearch, TimeRange } from '../../store/store.ts';
import type { QueryContext } from '../query-context.ts';

/**
 * How far before a range breaks are read, in ms: an outage that nobody has tried to end for so long
 * counts as given up, so nothing that is open at the start of the range began unseen.
 */
export const LOOK_BACK_MS = 6 * 3_600_000;

const PAGE = 5_000;
const MAX_READ = 100_000;

/** Breaks of a range and its look-back. */
export interface History {
  /**
   * Newest first, without facts, sources, evidence and CSS's own words, which would fill the memory in
   * a storm; whoever shows a break reads it again.
   */
  records: BreakRecord[];
  /** False when there were more than can be looked at. */
  complete: boolean;
}

/**
 * Reads the breaks that incidents and states are made of. Of the filters only the account counts:
 * how far an incident reaches shows only among all breaks of its account.
 *
 * @throws `STORE_FAILED`
 */
export async function readHistory(
  range: TimeRange,
  account: Filters['account'],
  outcome: Outcome[],
  { store }: Pick<QueryContext, 'store'>,
  signal?: AbortSignal,
): Promise<History> {
  const search = {
    range: { from: range.from - LOOK_BACK_MS, to: range.to },
    filters: { ...(account ? { account } : {}), outcome },
  };
  const records: BreakRecord[] = [];
  const strip = createRecordStripper();
  let after: BreakSearch['after'];
  while (records.length < MAX_READ) {
    signal?.throwIfAborted();
    const page = await store.findBreaks({ ...search, limit: PAGE, ...(after && { after }) });
    records.push(...page.map(strip));
    const last = page.at(-1);
    if (!last || page.length < PAGE) {
      return { records, complete: true };
    }
    after = { endedAt: last.event.endedAt, id: last.event.id };
  }
  return { records, complete: false };
}

/** What an answer says when its history is not complete. */
export const CUT_NOTICE = {
  severity: 'warning',
  text: `Only the newest ${MAX_READ} breaks were looked at. Narrow the time range or name an account.`,
} as const;
