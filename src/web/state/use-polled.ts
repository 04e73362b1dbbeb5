import { useState } from 'react';
import { useTurns } from './use-turns.ts';

/**
 * Fetches a value at an interval. The last value stays while a request fails.
 *
 * @param load - fetches the value; the latest function is used
 * @param key - the value belongs to this key; null fetches nothing
 * @param intervalMs - pause between an answer and the next request, ms
 * @returns null until the first answer for this key
 */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  key: string | null,
  intervalMs: number,
): T | null {
  const [found, setFound] = useState<{ key: string | null; value: T } | null>(null);
  useTurns(async (signal) => {
    try {
      const value = await load(signal);
      if (!signal.aborted) {
        setFound({ key, value });
      }
    } catch {
      // The page already shows that the server does not answer.
    }
    return intervalMs;
  }, key);
  return key !== null && found?.key === key ? found.value : null;
}
