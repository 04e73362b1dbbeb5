import { useEffect, useRef, useState } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { fetchOpenIncidents, type ShownIncident } from './fetch-incidents.ts';

/** At most so often while breaks arrive, and at least so often while none does; ms. */
const SOONEST_MS = 2_000;
const LATEST_MS = 15_000;
/** A server that needs long for an answer is asked less often, but what goes on now may not get old. */
const REST_PER_ANSWER = 5;
const MAX_PAUSE_MS = 8_000;

/**
 * Keeps the open incidents current: asked anew when breaks arrive, and now and then for what changes
 * by time alone. What was known stays while the server does not answer.
 *
 * @param trigger - changes whenever a break arrives
 * @returns null until the first answer
 */
export function useIncidents(trigger: unknown, language: Language): ShownIncident[] | null {
  const [incidents, setIncidents] = useState<ShownIncident[] | null>(null);
  const wake = useRef<() => void>(() => undefined);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let soonest = 0;
    let asking = false;
    let isMissed = false;
    let waiting = false;
    const plan = (wait: number) => {
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
    };
    const ask = async () => {
      asking = true;
      isMissed = false;
      const begun = Date.now();
      try {
        setIncidents(await fetchOpenIncidents(language, abort.signal));
      } catch {
        // The page says elsewhere that the server does not answer.
      }
      asking = false;
      if (!abort.signal.aborted) {
        const rest = Math.min(MAX_PAUSE_MS, (Date.now() - begun) * REST_PER_ANSWER);
        soonest = Date.now() + Math.max(SOONEST_MS, rest);
        // What came while this was asked may not be in the answer.
        plan(isMissed ? soonest - Date.now() : LATEST_MS);
      }
    };
    wake.current = () => {
      // The first of many breaks sets the time; those that follow do not put it off.
      if (waiting || asking) {
        isMissed ||= asking;
        return;
      }
      waiting = true;
      clearTimeout(timer);
      timer = setTimeout(
        () => {
          waiting = false;
          void ask();
        },
        Math.max(0, soonest - Date.now()),
      );
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [language]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new trigger is the reason to ask.
  useEffect(() => wake.current(), [trigger]);

  return incidents;
}
