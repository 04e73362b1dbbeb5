import { useEffect, useState } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { AnswerFailed, fetchBreaks, type ShownBreak } from './api.ts';
import { mergeBreaks } from './merge-breaks.ts';
import { openStream, type StreamChange } from './open-stream.ts';

/** A server that needs long for an answer is asked less often. */
const REST_PER_ANSWER = 5;
const SOONEST_MS = 2_000;

/** What is asked for. */
export interface BreaksRequest {
  /** Length of the range, back from now. */
  hours: number;
  language: Language;
  /** Normal stops too. */
  ended: boolean;
  /** How many of the newest; the server knows of all. */
  limit: number;
}

/** Breaks on the page and how fresh they are. */
export interface BreaksState {
  /** Newest first; null until the first answer. */
  breaks: ShownBreak[] | null;
  /** More breaks exist than are here. */
  truncated: boolean;
  /** The server can not be reached. */
  isGone: boolean;
  /** What the server said instead of an answer. */
  refusal: string | null;
}

const NOTHING: BreaksState = { breaks: null, truncated: false, isGone: false, refusal: null };

/**
 * Keeps the newest breaks of the last hours current: one fetch, then the server's event stream.
 * Where that may have missed something, they are fetched anew.
 */
export function useBreaks({ hours, language, ended, limit }: BreaksRequest): BreaksState {
  const [state, setState] = useState<BreaksState>(NOTHING);

  // Another range or language makes all anew; more of the same stays on the page until it is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new range is the reason to forget.
  useEffect(() => setState(NOTHING), [hours, language]);

  useEffect(() => {
    const abort = new AbortController();
    const since = () => Date.now() - hours * 3_600_000;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let soonest = 0;
    let isMissed = false;
    const load = async () => {
      timer = undefined;
      const begun = Date.now();
      soonest = Number.POSITIVE_INFINITY;
      try {
        const filters = ended ? {} : { outcome: ['broken' as const, 'refused' as const] };
        const page = await fetchBreaks({ from: since(), language, limit, filters }, abort.signal);
        setState((before) => ({
          breaks: mergeBreaks(before.breaks ?? [], page.breaks, since(), limit),
          truncated: page.truncated || page.next !== null,
          isGone: false,
          refusal: null,
        }));
      } catch (thrown) {
        if (!abort.signal.aborted) {
          const refusal = thrown instanceof AnswerFailed ? thrown.message : null;
          setState((before) => ({ ...before, isGone: refusal === null, refusal }));
          again();
        }
      }
      soonest = Date.now() + Math.max(SOONEST_MS, (Date.now() - begun) * REST_PER_ANSWER);
      if (isMissed) {
        isMissed = false;
        again();
      }
    };
    const again = () => {
      if (soonest === Number.POSITIVE_INFINITY) {
        isMissed = true;
      } else {
        timer ??= setTimeout(load, Math.max(0, soonest - Date.now()));
      }
    };
    const close = openStream(language, {
      onChanges: (changes) =>
        setState((before) => ({
          ...before,
          isGone: false,
          breaks: before.breaks && change(before.breaks, changes, { since: since(), limit, ended }),
          truncated: before.truncated || (before.breaks?.length ?? 0) >= limit,
        })),
      onMissed: again,
      onLost: () => {
        setState((before) => ({ ...before, isGone: before.refusal === null }));
        again();
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
  const gone = new Set<string>();
  const arrived = new Map<string, ShownBreak>();
  for (const one of changes) {
    if ('removed' in one) {
      gone.add(one.removed);
      arrived.delete(one.removed);
    } else if (!ended && one.arrived.outcome === 'ended') {
      // Normal stops would push breaks off the page on which nobody asked for them.
      gone.add(one.arrived.id);
      arrived.delete(one.arrived.id);
    } else {
      gone.delete(one.arrived.id);
      arrived.set(one.arrived.id, one.arrived);
    }
  }
  return mergeBreaks(
    known.filter(({ id }) => !gone.has(id)),
    [...arrived.values()],
    since,
    limit,
  );
}
