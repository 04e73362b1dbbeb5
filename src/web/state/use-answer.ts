import { useEffect, useRef, useState } from 'react';
import { AnswerFailed } from './api.ts';

/** An answer of the server that is fetched once. */
export interface AnswerState<T> {
  /** Null until it arrives. */
  value: T | null;
  /** What the server says when it refuses; null otherwise. */
  error: string | null;
}

const RETRY_MS = 5_000;

/**
 * Fetches an answer, and tries again while the server does not answer.
 *
 * @param load - fetches it; the latest function is used
 * @param key - fetches again when it changes; null fetches nothing
 */
export function useAnswer<T>(
  load: (signal: AbortSignal) => Promise<T>,
  key: string | null,
): AnswerState<T> {
  const [state, setState] = useState<AnswerState<T> & { key: string | null }>({
    key,
    value: null,
    error: null,
  });
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
          setState({ key, value, error: null });
        }
      } catch (thrown) {
        if (abort.signal.aborted) {
          return;
        }
        if (thrown instanceof AnswerFailed) {
          setState({ key, value: null, error: thrown.message });
        } else {
          // The page already shows that the server does not answer.
          timer = setTimeout(run, RETRY_MS);
        }
      }
    };
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key]);
  return state.key === key ? state : { value: null, error: null };
}
