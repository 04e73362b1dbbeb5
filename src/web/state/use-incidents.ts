import { useEffect, useRef, useState } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { fetchOpenIncidents, type ShownIncident } from './fetch-incidents.ts';

/** Min pause between requests while breaks arrive, ms. */
const MIN_PAUSE_MS = 2_000;
/** Interval of requests while no break arrives, ms. */
const INTERVAL_MS = 15_000;
/** Pause between requests in multiples of the last answer's time, so that a slow server gets fewer. */
const PAUSE_PER_ANSWER = 5;
/** Max pause after a slow answer, ms. */
const MAX_PAUSE_MS = 8_000;

/**
 * Keeps the open incidents up to date: fetches them when breaks arrive, and at an interval for changes
 * that only time causes. The last answer stays while the server does not answer.
 *
 * @param trigger - a value that changes when a break arrives
 * @returns null until the first answer
 */
export function useIncidents(trigger: unknown, language: Language): ShownIncident[] | null {
  const [incidents, setIncidents] = useState<ShownIncident[] | null>(null);
  const wake = useRef<() => void>(() => undefined);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let earliest = 0;
    let loading = false;
    let isMissed = false;
    let waiting = false;
    const plan = (wait: number) => {
      clearTimeout(timer);
      timer = setTimeout(load, wait);
    };
    const load = async () => {
      loading = true;
      isMissed = false;
      const startedAt = Date.now();
      try {
        setIncidents(await fetchOpenIncidents(language, abort.signal));
      } catch {
        // The page already shows that the server does not answer.
      }
      loading = false;
      if (!abort.signal.aborted) {
        const pause = Math.min(MAX_PAUSE_MS, (Date.now() - startedAt) * PAUSE_PER_ANSWER);
        earliest = Date.now() + Math.max(MIN_PAUSE_MS, pause);
        // Breaks that arrived during the request may be missing in the answer.
        plan(isMissed ? earliest - Date.now() : INTERVAL_MS);
      }
    };
    wake.current = () => {
      // The first of many breaks sets the timer; later ones must not postpone it.
      if (waiting || loading) {
        isMissed ||= loading;
        return;
      }
      waiting = true;
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          waiting = false;
          void load();
        },
        Math.max(0, earliest - Date.now()),
      );
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [language]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect must run when the trigger changes.
  useEffect(() => wake.current(), [trigger]);

  return incidents;
}
