import { useEffect, useState } from 'react';
import type { Language } from '../model/vocabulary.ts';
import { fetchBreaks, type ShownBreak } from './api.ts';

/** More rows than this are of no use on one page; Grafana's table is for that. */
const LIMIT = 2_000;

/** Breaks on the page and how fresh they are. */
export interface BreaksState {
  /** Newest first; null until the first answer. */
  breaks: ShownBreak[] | null;
  /** More breaks exist than are shown. */
  truncated: boolean;
  /** Set while the server can not be reached. */
  error: string | null;
}

function newestFirst(a: ShownBreak, b: ShownBreak): number {
  return b.endedAt - a.endedAt || (a.id < b.id ? 1 : -1);
}

/** Puts new and changed breaks among the known ones, dropping those that left the time range. */
export function mergeBreaks(
  known: readonly ShownBreak[],
  arrived: readonly ShownBreak[],
  from: number,
): ShownBreak[] {
  const byId = new Map(known.map((shown) => [shown.id, shown]));
  for (const shown of arrived) {
    byId.set(shown.id, shown);
  }
  return [...byId.values()]
    .filter((shown) => shown.endedAt >= from)
    .sort(newestFirst)
    .slice(0, LIMIT);
}

/**
 * Keeps the breaks of the last hours current: one fetch, then the server's event stream. After a
 * cut of the stream everything is fetched anew, because breaks may have come meanwhile.
 *
 * @param hours - length of the range, back from now
 */
export function useBreaks(hours: number, language: Language): BreaksState {
  const [state, setState] = useState<BreaksState>({
    breaks: null,
    truncated: false,
    error: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    const since = () => Date.now() - hours * 3_600_000;
    const load = async () => {
      try {
        const page = await fetchBreaks(since(), language, LIMIT, undefined, abort.signal);
        setState((before) => ({
          breaks: mergeBreaks(before.breaks ?? [], page.breaks, since()),
          truncated: page.truncated || page.next !== null,
          error: null,
        }));
      } catch (thrown) {
        if (!abort.signal.aborted) {
          setState((before) => ({ ...before, error: (thrown as Error).message }));
        }
      }
    };
    setState({ breaks: null, truncated: false, error: null });
    const stream = new EventSource(`/api/v1/stream?lang=${language}`);
    stream.addEventListener('open', () => void load());
    stream.addEventListener('error', () =>
      setState((before) => ({ ...before, error: before.error ?? 'offline' })),
    );
    // More breaks came at once than the stream carries: ask for all of them.
    stream.addEventListener('skipped', () => void load());
    stream.addEventListener('removed', (event: MessageEvent<string>) => {
      const { id } = JSON.parse(event.data) as { id: string };
      setState((before) => ({
        ...before,
        breaks: before.breaks?.filter((shown) => shown.id !== id) ?? null,
      }));
    });
    stream.addEventListener('break', (event: MessageEvent<string>) => {
      const arrived = JSON.parse(event.data) as ShownBreak;
      setState((before) => ({
        ...before,
        error: null,
        breaks: mergeBreaks(before.breaks ?? [], [arrived], since()),
      }));
    });
    void load();
    return () => {
      abort.abort();
      stream.close();
    };
  }, [hours, language]);
  return state;
}
