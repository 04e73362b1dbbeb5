import { setImmediate as nextTurn } from 'node:timers/promises';
import { NEARBY_FACTS } from '../../incidents/strip-record.ts';
import type { BreakRecord } from '../../model/break.ts';
import { breakPages } from '../../store/break-pages.ts';
import type { ThreadStore, TimeRange } from '../../store/store.ts';

const PAGE = 2_000;

/**
 * Reads the breaks that are grouped into incidents, a page at a time, the newest first.
 *
 * @param only - the account; all when it is absent
 * @throws `STORE_FAILED`
 */
export async function* incidentBreaks(
  store: ThreadStore,
  range: TimeRange,
  only: { account?: string[] },
): AsyncGenerator<BreakRecord[], void> {
  for await (const page of breakPages(store, {
    range,
    filters: { ...only, outcome: ['broken', 'refused'] },
    briefFacts: NEARBY_FACTS,
    limit: PAGE,
  })) {
    yield page;
    // Reading blocks this thread: its end must get a turn.
    await nextTurn();
  }
}
