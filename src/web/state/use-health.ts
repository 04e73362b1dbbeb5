import { useEffect, useState } from 'react';
import type { EngineHealth } from '../../model/health.ts';
import { fetchHealth } from './api.ts';

const INTERVAL_MS = 5_000;

/** The server's health. */
export interface HealthState {
  /** Null until the first answer; the last answer stays while the server does not answer. */
  health: EngineHealth | null;
  /** Time of the last answer, epoch ms; null before the first. */
  answeredAt: number | null;
  /** The last request was not answered. */
  isDisconnected: boolean;
}

/** Fetches the server's health every 5 s. */
export function useHealth(): HealthState {
  const [state, setState] = useState<HealthState>({
    health: null,
    answeredAt: null,
    isDisconnected: false,
  });
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const health = await fetchHealth(abort.signal);
        setState({ health, answeredAt: Date.now(), isDisconnected: false });
      } catch {
        if (!abort.signal.aborted) {
          setState((before) => ({ ...before, isDisconnected: true }));
        }
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(load, INTERVAL_MS);
      }
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}
