import { useEffect, useState } from 'react';
import type { EngineHealth } from '../model/query.ts';
import { fetchHealth } from './api.ts';

const EVERY_MS = 5_000;

/** The server's own state, asked every few seconds; null while it does not answer. */
export function useHealth(): EngineHealth | null {
  const [health, setHealth] = useState<EngineHealth | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const ask = () =>
      fetchHealth(abort.signal).then(setHealth, () => {
        if (!abort.signal.aborted) {
          setHealth(null);
        }
      });
    void ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, []);
  return health;
}
