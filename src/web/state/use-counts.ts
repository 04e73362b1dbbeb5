import { useEffect, useState } from 'react';
import type { Filters } from '../../model/query.ts';
import type { PageFilters } from './break-list.ts';
import { type Counted, fetchCounts, rangeOf } from './count-breaks.ts';

const INTERVAL_MS = 5_000;
/** Pause between requests in multiples of the last answer's time, so that a slow server gets fewer. */
const PAUSE_PER_ANSWER = 5;

/**
 * Asks the server for counts when the page does not hold all breaks.
 *
 * @param active - the server has more breaks than the page
 * @returns null until the first answer, and while not active
 */
export function useCounts(
  active: boolean,
  hours: number,
  { account, ended }: Pick<PageFilters, 'account' | 'ended'>,
): Counted | null {
  const [counted, setCounted] = useState<Counted | null>(null);
  useEffect(() => {
    setCounted(null);
    if (!active) {
      return;
    }
    const abort = new AbortController();
    const filters: Filters = {
      ...(account === '' ? {} : { account: [account] }),
      ...(ended ? { outcome: ['broken', 'refused', 'ended'] } : {}),
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      const startedAt = Date.now();
      try {
        setCounted(await fetchCounts(rangeOf(hours, startedAt), filters, abort.signal));
      } catch {
        // The page already shows that the server does not answer.
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(
          load,
          Math.max(INTERVAL_MS, (Date.now() - startedAt) * PAUSE_PER_ANSWER),
        );
      }
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [active, hours, account, ended]);
  return counted;
}
