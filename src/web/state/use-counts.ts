import { useEffect, useState } from 'react';
import type { Filters } from '../../model/query.ts';
import { type Counted, fetchCounts } from './fetch-counts.ts';
import type { PageFilters } from './filter-breaks.ts';
import { rangeOf } from './range-of.ts';

const EVERY_MS = 5_000;
/** A server that needs long for an answer is asked less often. */
const REST_PER_ANSWER = 5;

/**
 * Has the server count what the page does not hold whole.
 *
 * @param active - there is more than the page holds
 * @returns null until the first answer, and while it is not active
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
    const ask = async () => {
      const begun = Date.now();
      try {
        setCounted(await fetchCounts(rangeOf(hours, begun), filters, abort.signal));
      } catch {
        // The page says elsewhere that the server does not answer.
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(ask, Math.max(EVERY_MS, (Date.now() - begun) * REST_PER_ANSWER));
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [active, hours, account, ended]);
  return counted;
}
