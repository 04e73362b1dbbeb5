import { useCallback, useEffect, useRef, useState } from 'react';
import { type PageView, readPageAddress, writePageAddress } from './page-address.ts';

/**
 * Keeps what is wanted in the page's address, so that a link, a reload and the back button show the
 * same. Each choice is a step back; letters of one search are not.
 */
export function usePageView(): [PageView, (change: Partial<PageView>) => void] {
  const [view, setView] = useState(() => readPageAddress(window.location.search));
  const latest = useRef(view);
  useEffect(() => {
    const back = () => {
      latest.current = readPageAddress(window.location.search);
      setView(latest.current);
    };
    window.addEventListener('popstate', back);
    return () => window.removeEventListener('popstate', back);
  }, []);
  const change = useCallback((part: Partial<PageView>) => {
    const before = latest.current;
    latest.current = { ...before, ...part };
    const address = window.location.pathname + writePageAddress(latest.current);
    const isTyping = before.search !== '' && Object.keys(part).every((key) => key === 'search');
    if (isTyping) {
      window.history.replaceState(null, '', address);
    } else {
      window.history.pushState(null, '', address);
    }
    setView(latest.current);
  }, []);
  return [view, change];
}
