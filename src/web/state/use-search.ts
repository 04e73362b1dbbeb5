import { useEffect, useState } from 'react';
import type { Filters } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import { fetchBreaks, type ShownBreak } from './api.ts';
import { mergeBreaks, type PageFilters } from './break-list.ts';

/** Wait after the last key, ms. */
const TYPING_MS = 300;

/** The breaks that the server found. */
export interface SearchState {
  breaks: readonly ShownBreak[];
  truncated: boolean;
  /** The answer has not arrived yet. */
  isSearching: boolean;
}

const NOTHING: SearchState = { breaks: [], truncated: false, isSearching: false };

/**
 * Searches on the server when the page does not hold all breaks.
 *
 * @param active - the server has more breaks than the page, and a filter is set
 */
export function useSearch(
  active: boolean,
  filters: PageFilters,
  request: { hours: number; language: Language; limit: number },
): SearchState {
  const [found, setFound] = useState(NOTHING);
  const { hours, language, limit } = request;
  const wanted = JSON.stringify(searchFilters(filters));
  useEffect(() => {
    if (!active) {
      setFound(NOTHING);
      return;
    }
    setFound((before) => ({ ...before, isSearching: true }));
    const abort = new AbortController();
    const load = async () => {
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
          isSearching: false,
        });
      } catch {
        if (!abort.signal.aborted) {
          // The page already shows that the server does not answer.
          setFound((before) => ({ ...before, isSearching: false, truncated: true }));
        }
      }
    };
    const timer = setTimeout(load, TYPING_MS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [active, wanted, hours, language, limit]);
  return found;
}

/**
 * Returns the filters of the requests that together find a search text: it may be part of a stream's
 * name, a domain or a client IP.
 */
export function searchFilters({ search, categories, account, ended }: PageFilters): Filters[] {
  const all: Filters = {
    ...(account === '' ? {} : { account: [account] }),
    ...(categories.length === 0 ? {} : { category: categories }),
    ...(ended ? {} : { outcome: ['broken', 'refused'] }),
  };
  // A comma separates values of a filter; the text before it finds at least all matches.
  const words = search.trim().split(',')[0] ?? '';
  if (words === '') {
    return [all];
  }
  // The server's patterns are case-sensitive.
  const patterns = [...new Set([words, words.toLowerCase()])].map((text) => `*${text}*`);
  return (['stream', 'domain', 'clientIp'] as const).map((name) => ({ ...all, [name]: patterns }));
}
