import { useCallback, useEffect, useRef, useState } from 'react';
import { readPlace } from './place.ts';

/** How an address holds a view. */
export interface AddressOf<T> {
  /** Reads the query string of an address. */
  read: (query: string) => T;
  /** Writes the query string of an address that opens the view; empty for the default view. */
  write: (view: T) => string;
}

/**
 * Keeps a view in the page's address, so that a link, a reload and the back button show the same.
 * Each change is an entry of the browser's history; typing in the search field is not.
 */
export function useAddressView<T extends { search: string }>({
  read,
  write,
}: AddressOf<T>): [T, (change: Partial<T>) => void] {
  const [view, setView] = useState(() => read(window.location.search));
  const latest = useRef(view);
  const { page } = useRef(readPlace(window.location.pathname)).current;
  useEffect(() => {
    const back = () => {
      // The address of another page is not that of this one.
      if (readPlace(window.location.pathname).page === page) {
        latest.current = read(window.location.search);
        setView(latest.current);
      }
    };
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, [read, page]);
  const change = useCallback(
    (part: Partial<T>) => {
      const before = latest.current;
      latest.current = { ...before, ...part };
      const address = window.location.pathname + write(latest.current);
      const isTyping = before.search !== '' && Object.keys(part).every((key) => key === 'search');
      if (isTyping) {
        window.history.replaceState(null, '', address);
      } else {
        window.history.pushState(null, '', address);
      }
      setView(latest.current);
    },
    [write],
  );
  return [view, change];
}

/** Writes the pairs that have a value as a query string, with its question mark; empty without one. */
export function queryOf(pairs: readonly (readonly [string, string | null])[]): string {
  const query = new URLSearchParams();
  for (const [name, value] of pairs) {
    if (value) {
      query.append(name, value);
    }
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
