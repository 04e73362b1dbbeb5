import { useEffect, useState } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { AnswerFailed } from './api.ts';
import { fetchIncident, type ShownIncident } from './fetch-incidents.ts';

const EVERY_MS = 15_000;

/** The incident that a link led to; `unknown` when the server has none of that id. */
export type WantedIncident = ShownIncident | 'unknown' | null;

/**
 * Keeps the incident of a link current when it is not among the open ones: it may be over by the time
 * somebody opens the link.
 *
 * @param id - null when there is none, or when it is open and known from there
 * @returns null until the first answer
 */
export function useWantedIncident(id: string | null, language: Language): WantedIncident {
  const [wanted, setWanted] = useState<WantedIncident>(null);
  useEffect(() => {
    setWanted(null);
    if (id === null) {
      return;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        setWanted((await fetchIncident(id, language, abort.signal)) ?? 'unknown');
      } catch (thrown) {
        if (thrown instanceof AnswerFailed && !abort.signal.aborted) {
          setWanted('unknown');
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
  }, [id, language]);
  return wanted;
}
