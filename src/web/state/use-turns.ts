import { useEffect, useRef } from 'react';

/**
 * Does something for a key, and again after a pause, until the key changes or the component is gone.
 *
 * @param turn - returns the pause until the next turn, ms, or null when it was the last one; the latest function is
 *   used, and what it returns after the signal is aborted does not count
 * @param key - null does nothing
 */
export function useTurns(
  turn: (signal: AbortSignal) => Promise<number | null>,
  key: string | null,
): void {
  const latest = useRef(turn);
  latest.current = turn;
  useEffect(() => {
    if (key === null) {
      return;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      const pauseMs = await latest.current(abort.signal);
      if (pauseMs !== null && !abort.signal.aborted) {
        timer = setTimeout(run, pauseMs);
      }
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key]);
}
