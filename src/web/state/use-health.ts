import { useEffect, useState } from 'react';
import type { EngineHealth } from '../../model/health.ts';
import { fetchHealth } from './api.ts';

const EVERY_MS = 5_000;

/** What the server says of itself. */
export interface HealthState {
  /** Null until the first answer; what was known stays while the server does not answer. */
  health: EngineHealth | null;
  /** When the last answer came, epoch ms; null before the first. */
  answeredAt: number | null;
  /** The last question was not answered. */
  isGone: boolean;
}

/** The server's own state, asked again some seconds after each answer. */
export function useHealth(): HealthState {
  const [state, setState] = useState<HealthState>({
    health: null,
    answeredAt: null,
    isGone: false,
  });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const health = await fetchHealth(abort.signal);
        setState({ health, answeredAt: Date.now(), isGone: false });
      } catch {
        if (!abort.signal.aborted) {
          setState((before) => ({ ...before, isGone: true }));
        }
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(ask, EVERY_MS);
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}
