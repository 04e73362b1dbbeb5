import { useEffect, useState } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { AnswerFailed, fetchBreaks, type ShownBreak } from './api.ts';
import { mergeBreaks } from './break-list.ts';
import { openStream, type StreamChange } from './open-stream.ts';

/** Pause between requests in multiples of the last answer's time, so that a slow server gets fewer. */
const PAUSE_PER_ANSWER = 5;
const MIN_PAUSE_MS = 2_000;

/** Which breaks to show. */
export interface BreaksRequest {
  /** Length of the time range that ends now. */
  hours: number;
  language: Language;
  /** Include normal stops. */
  ended: boolean;
  /** Max breaks; the newest are kept. */
  limit: number;
}

/** The breaks on the page and the state of the connection. */
export interface BreaksState {
  /** Newest first; null until the first answer. */
  breaks: ShownBreak[] | null;
  /** The server has more breaks. */
  truncated: boolean;
  /** The server does not answer. */
  isDisconnected: boolean;
  /** The error that the server returned. */
  error: string | null;
}

const NOTHING: BreaksState = { breaks: null, truncated: false, isDisconnected: false, error: null };

/**
 * Keeps the newest breaks of the time range up to date: fetches them once, then follows the server's
 * event stream. Fetches them again when the stream may have missed changes.
 */
export function useBreaks({ hours, language, ended, limit }: BreaksRequest): BreaksState {
  const [state, setState] = useState<BreaksState>(NOTHING);

  // Another range or language empties the list; a higher limit keeps it until the answer arrives.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect must run when they change.
  useEffect(() => setState(NOTHING), [hours, language]);

  useEffect(() => {
    const abort = new AbortController();
    const since = () => Date.now() - hours * 3_600_000;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let earliest = 0;
    let isMissed = false;
    const load = async () => {
      timer = undefined;
      const startedAt = Date.now();
      earliest = Number.POSITIVE_INFINITY;
      try {
        const filters = ended ? {} : { outcome: ['broken' as const, 'refused' as const] };
        const page = await fetchBreaks({ from: since(), language, limit, filters }, abort.signal);
        setState((before) => ({
          breaks: mergeBreaks(before.breaks ?? [], page.breaks, since(), limit),
          truncated: page.truncated || page.next !== null,
          isDisconnected: false,
          error: null,
        }));
      } catch (thrown) {
        if (!abort.signal.aborted) {
          const error = thrown instanceof AnswerFailed ? thrown.message : null;
          setState((before) => ({ ...before, isDisconnected: error === null, error }));
          reload();
        }
      }
      earliest = Date.now() + Math.max(MIN_PAUSE_MS, (Date.now() - startedAt) * PAUSE_PER_ANSWER);
      if (isMissed) {
        isMissed = false;
        reload();
      }
    };
    const reload = () => {
      if (earliest === Number.POSITIVE_INFINITY) {
        isMissed = true;
      } else {
        timer ??= setTimeout(load, Math.max(0, earliest - Date.now()));
      }
    };
    const close = openStream(language, {
      onChanges: (changes) =>
        setState((before) => ({
          ...before,
          isDisconnected: false,
          breaks: before.breaks && change(before.breaks, changes, { since: since(), limit, ended }),
          truncated: before.truncated || (before.breaks?.length ?? 0) >= limit,
        })),
      onMissed: reload,
      onLost: () => {
        setState((before) => ({ ...before, isDisconnected: before.error === null }));
        reload();
      },
    });
    return () => {
      abort.abort();
      clearTimeout(timer);
      close();
    };
  }, [hours, language, ended, limit]);
  return state;
}

function change(
  known: readonly ShownBreak[],
  changes: readonly StreamChange[],
  { since, limit, ended }: { since: number; limit: number; ended: boolean },
): ShownBreak[] {
  const removed = new Set<string>();
  const arrived = new Map<string, ShownBreak>();
  for (const one of changes) {
    if ('removed' in one) {
      removed.add(one.removed);
      arrived.delete(one.removed);
    } else if (!ended && one.arrived.outcome === 'ended') {
      // Hidden normal stops would push breaks off the page.
      removed.add(one.arrived.id);
      arrived.delete(one.arrived.id);
    } else {
      removed.delete(one.arrived.id);
      arrived.set(one.arrived.id, one.arrived);
    }
  }
  return mergeBreaks(
    known.filter(({ id }) => !removed.has(id)),
    [...arrived.values()],
    since,
    limit,
  );
}
