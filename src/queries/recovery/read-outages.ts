import { type BreakRecord, streamText } from '../../model/break.ts';
import type { Filters } from '../../model/query.ts';
import { breakPages } from '../../store/break-pages.ts';
import type { TimeRange } from '../../store/store.ts';
import { filtersWithOutcome } from '../parse-request.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';

/** Newest breaks that are read for one range. */
export const MAX_BREAKS = 100_000;

/** An outage without a try for this long before the range, ms, counts from its first try in the range. */
const LOOK_BACK_MS = 86_400_000;

/** Breaks that are read at a time. */
const PAGE = 2_000;

/** A stream without a push, from the first break to the recovery. */
export interface Outage {
  /** The verdict of its first break. */
  verdict: BreakRecord['verdict'];
  /** Epoch ms UTC. */
  startedAt: number;
  /** Null while the stream is down. */
  recoveredAt: number | null;
}

/** Outages of a range. */
export interface FoundOutages {
  outages: Outage[];
  /** Older breaks were not read. */
  truncated: boolean;
}

/**
 * Reads the outages that began in a range, by their first break that passes the filters. Tries that were refused meanwhile
 * belong to the outage.
 *
 * @throws `STORE_FAILED`, the signal's reason
 */
export async function readOutages(
  range: TimeRange,
  filters: Filters | undefined,
  { store }: Pick<QueryContext, 'store'>,
  signal?: StopSignal,
): Promise<FoundOutages> {
  const byEnd = new Map<string, Outage>();
  const pages = breakPages(store, {
    // What began before the range and was tried again in it did not begin in it.
    range: { from: range.from - LOOK_BACK_MS, to: range.to },
    filters: filtersWithOutcome(filters),
    limit: PAGE,
    endsOnly: true,
  });
  let read = 0;
  let truncated = false;
  signal?.throwIfAborted();
  for await (const page of pages) {
    // Newest first, so the last one of an outage that is read is its first break.
    for (const { event, verdict } of page) {
      if (verdict.outcome !== 'ended') {
        const { recoveredAt, endedAt: startedAt } = event;
        byEnd.set(`${streamText(event)}\n${recoveredAt}`, { verdict, startedAt, recoveredAt });
      }
    }
    read += page.length;
    truncated = read >= MAX_BREAKS && page.length === PAGE;
    if (truncated) {
      break;
    }
    signal?.throwIfAborted();
  }
  return {
    outages: [...byEnd.values()].filter(({ startedAt }) => startedAt >= range.from),
    truncated,
  };
}
