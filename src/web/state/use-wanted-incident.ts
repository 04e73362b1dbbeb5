import { useEffect, useState } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { AnswerFailed } from './api.ts';
import { fetchIncident, type ShownIncident } from './fetch-incidents.ts';

const INTERVAL_MS = 15_000;

/** The incident of a link; `unknown` when the server has none with that id. */
export type WantedIncident = ShownIncident | 'unknown' | null;

/**
 * Keeps the incident of a link up to date when it is not among the open ones: it may have ended before
 * somebody opens the link.
 *
 * @param id - null when there is no link, or when the incident is among the open ones
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
    const load = async () => {
      try {
        setWanted((await fetchIncident(id, language, abort.signal)) ?? 'unknown');
      } catch (thrown) {
        if (thrown instanceof AnswerFailed && !abort.signal.aborted) {
          setWanted('unknown');
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
  }, [id, language]);
  return wanted;
}
