import type { DataFrame, DataQueryResponse } from '@grafana/data';
import { expand, filter, map, type Observable, switchMap, take, timer } from 'rxjs';
import { keepNewest } from './keep-newest.ts';

/** Time between two questions, ms. The backend shares the answer to equal questions of several viewers. */
export const POLL_MS = 2_000;

/** Longest time between two questions after errors, ms. */
const MAX_WAIT_MS = 30_000;

/** What a tail shows. */
export interface LiveTail {
  /** The newest lines of each query. */
  frames: DataFrame[];
  /** Why nothing new is shown; absent while all is well. */
  problem?: { message: string; retryMs: number };
}

/** What a tail asks. */
export interface LiveTailOptions {
  /** Asks once for what was stored after the place of each query, by refId; 0 begins. */
  ask: (places: ReadonlyMap<string, number>) => Observable<DataQueryResponse>;
  /** Whether somebody can see the tail: at once, and again when it changes. */
  visible: Observable<boolean>;
}

/** The tail between two questions. */
interface State extends LiveTail {
  places: ReadonlyMap<string, number>;
  /** Questions that failed one after the other. */
  failures: number;
  /** Answers so far. */
  answers: number;
  /** Whether it differs from what was shown before. */
  isNew: boolean;
}

/**
 * Follows breaks as they arrive: asks every 2 s for what is new and keeps the newest lines. While nobody can see it, it asks
 * nothing; it catches up afterwards. After an error it keeps its lines, says why, and waits twice as long each time, at
 * most 30 s. Unsubscribing ends it, with the question in flight.
 */
export function liveTail({ ask, visible }: LiveTailOptions): Observable<LiveTail> {
  const next = (state: State) =>
    visible.pipe(
      filter((isVisible) => isVisible),
      // The question goes on when the tab is hidden meanwhile.
      take(1),
      switchMap(() => ask(state.places)),
      map((response) => fold(state, response)),
    );
  return next({ frames: [], places: new Map(), failures: 0, answers: 0, isNew: false }).pipe(
    expand((state) => timer(state.problem?.retryMs ?? POLL_MS).pipe(switchMap(() => next(state)))),
    filter(({ isNew }) => isNew),
    map(({ frames, problem }) => ({ frames, ...(problem && { problem }) })),
  );
}

function fold(state: State, { data, error, errors }: DataQueryResponse): State {
  const failure = error ?? errors?.[0];
  if (failure) {
    const failures = state.failures + 1;
    const message = failure.message ?? failure.data?.message ?? failure.statusText ?? '';
    const retryMs = Math.min(POLL_MS * 2 ** failures, MAX_WAIT_MS);
    return { ...state, failures, problem: { message, retryMs }, isNew: true };
  }
  const answered = data as DataFrame[];
  const known = new Map(state.frames.map((frame) => [frame.refId, frame]));
  const frames = answered.map((frame) => keepNewest(known.get(frame.refId), frame));
  const isChanged = frames.some((frame) => frame !== known.get(frame.refId));
  return {
    frames,
    places: new Map(answered.map((frame) => [frame.refId ?? '', placeOf(frame, state.places)])),
    failures: 0,
    answers: state.answers + 1,
    // Explore drops what comes within half a second after it has said that it loads, so the first answer is shown twice.
    isNew: isChanged || state.failures > 0 || state.answers < 2,
  };
}

/** Where the next question begins: again when the store was replaced by one with fewer breaks. */
function placeOf({ refId, meta }: DataFrame, places: ReadonlyMap<string, number>): number {
  const place = Number(meta?.custom?.place ?? 0);
  return place < (places.get(refId ?? '') ?? 0) ? 0 : place;
}
