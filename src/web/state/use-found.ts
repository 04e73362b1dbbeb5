import { useEffect, useState } from 'react';
import type { Filters } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import { fetchBreaks, type ShownBreak } from './api.ts';
import type { PageFilters } from './filter-breaks.ts';
import { mergeBreaks } from './merge-breaks.ts';

/** After the last letter. */
const TYPING_MS = 300;

/** What the server found beyond the newest breaks. */
export interface Found {
  breaks: readonly ShownBreak[];
  truncated: boolean;
  /** It has not answered yet. */
  isAsking: boolean;
}

const NOTHING: Found = { breaks: [], truncated: false, isAsking: false };

/**
 * Has the server look for what the page does not hold.
 *
 * @param active - there is more than the page holds, and the reader wants a part of it
 */
export function useFound(
  active: boolean,
  filters: PageFilters,
  request: { hours: number; language: Language; limit: number },
): Found {
  const [found, setFound] = useState(NOTHING);
  const { hours, language, limit } = request;
  const wanted = JSON.stringify(searchFilters(filters));
  useEffect(() => {
    if (!active) {
      setFound(NOTHING);
      return;
    }
    setFound((before) => ({ ...before, isAsking: true }));
    const abort = new AbortController();
    const ask = async () => {
      const from = Date.now() - hours * 3_600_000;
      try {
        const pages = await Promise.all(
          (JSON.parse(wanted) as Filters[]).map((one) =>
            fetchBreaks({ from, language, limit, filters: one }, abort.signal),
          ),
        );
        setFound({
          breaks: mergeBreaks(
            [],
            pages.flatMap(({ breaks }) => breaks),
            from,
          ),
          truncated: pages.some(({ truncated }) => truncated),
          isAsking: false,
        });
      } catch {
        if (!abort.signal.aborted) {
          // The page says elsewhere that the server does not answer.
          setFound((before) => ({ ...before, isAsking: false, truncated: true }));
        }
      }
    };
    const timer = setTimeout(ask, TYPING_MS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [active, wanted, hours, language, limit]);
  return found;
}

/**
 * Filters of the server whose answers together hold what a search means: it may stand in a stream's
 * name, a domain or an address.
 */
export function searchFilters({ search, categories, account, ended }: PageFilters): Filters[] {
  const all: Filters = {
    ...(account === '' ? {} : { account: [account] }),
    ...(categories.length === 0 ? {} : { category: categories }),
    ...(ended ? {} : { outcome: ['broken', 'refused'] }),
  };
  // A comma parts values: what stands before it finds more than enough.
  const words = search.trim().split(',')[0] ?? '';
  if (words === '') {
    return [all];
  }
  // The server tells capitals apart.
  const patterns = [...new Set([words, words.toLowerCase()])].map((text) => `*${text}*`);
  return (['stream', 'domain', 'clientIp'] as const).map((name) => ({ ...all, [name]: patterns }));
}
