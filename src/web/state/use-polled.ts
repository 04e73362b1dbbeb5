import { useEffect, useRef, useState } from 'react';

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
  const [found, setFound] = useState<{ key: string; value: T } | null>(null);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    if (key === null) {
      return;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      try {
        const value = await latest.current(abort.signal);
        if (!abort.signal.aborted) {
          setFound({ key, value });
        }
      } catch {
        // The page already shows that the server does not answer.
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(run, intervalMs);
      }
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, intervalMs]);
  return found?.key === key ? found.value : null;
}
