import { useState } from 'react';
import type { EngineHealth } from '../../model/health.ts';
import { fetchHealth } from './api.ts';
import { useTurns } from './use-turns.ts';

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
  useTurns(async (signal) => {
    try {
      const health = await fetchHealth(signal);
      setState({ health, answeredAt: Date.now(), isDisconnected: false });
    } catch {
      if (!signal.aborted) {
        setState((before) => ({ ...before, isDisconnected: true }));
      }
    }
    return INTERVAL_MS;
  }, 'health');
  return state;
}
