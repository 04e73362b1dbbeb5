import { useState } from 'react';
import { AnswerFailed } from './api.ts';
import { useTurns } from './use-turns.ts';

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
  useTurns(async (signal) => {
    try {
      const value = await load(signal);
      if (!signal.aborted) {
        setState({ key, value, error: null });
      }
    } catch (thrown) {
      if (!(thrown instanceof AnswerFailed)) {
        // The page already shows that the server does not answer.
        return RETRY_MS;
      }
      if (!signal.aborted) {
        setState({ key, value: null, error: thrown.message });
      }
    }
    return null;
  }, key);
  return state.key === key ? state : { value: null, error: null };
}
