import { useEffect, useState } from 'react';

/** Which page is shown. */
export type Place =
  | { page: 'now' }
  | { page: 'rules' }
  | { page: 'lookup' }
  | { page: 'rule'; id: string };

/** Reads the path of an address. Unknown paths open the first page. */
export function readPlace(path: string): Place {
  const [, first = '', id = ''] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
  if (first === 'lookup') {
    return { page: 'lookup' };
  }
  if (first !== 'rules') {
    return { page: 'now' };
  }
  try {
    return id === '' ? { page: 'rules' } : { page: 'rule', id: decodeURI(id) };
  } catch {
    return { page: 'rules' };
  }
}

/** The address of a rule's page. */
export function ruleAddress(id: string): string {
  return `/rules/${encodeURI(id)}`;
}

/** Opens an address of the page without loading it again. */
export function go(address: string): void {
  window.history.pushState(null, '', address);
  // As after the back button: whatever reads the address reads it again.
  window.dispatchEvent(new PopStateEvent('popstate'));
  window.scrollTo(0, 0);
}

/** Returns the place that the address names; the component renders again when it changes. */
export function usePlace(): Place {
  const [path, setPath] = useState(window.location.pathname);
  useEffect(() => {
    const read = () => setPath(window.location.pathname);
    window.addEventListener('popstate', read);
    return () => window.removeEventListener('popstate', read);
  }, []);
  return readPlace(path);
}
