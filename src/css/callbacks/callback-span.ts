import type { CallbackMessage } from './parse-callback.ts';

/** errcodes with which CSS refuses a push before it starts: its checks, and remote authentication. */
const REFUSALS = new Set([18, 19]);
/** With such a code too, a push that lasted was live and was cut, as by arrears. */
const LIVE_MS = 1_000;

/** When a push was live, as one callback tells it. Times are epoch ms UTC. */
export interface CallbackSpan {
  startedAt: number | null;
  /** Null for a push that begins. */
  endedAt: number | null;
  /** Null when it is not told, 0 for a refused push. */
  durationMs: number | null;
}

/** Reads from a callback of type 0 or 1 when its push was live. */
export function callbackSpan(message: CallbackMessage): CallbackSpan {
  const { eventAt } = message;
  if (message.eventType === 1) {
    return { startedAt: eventAt, endedAt: null, durationMs: null };
  }
  const isRefusal = message.errcode !== null && REFUSALS.has(message.errcode);
  const wasLive = (message.pushDurationMs ?? 0) >= LIVE_MS;
  const durationMs = isRefusal && !wasLive ? 0 : message.pushDurationMs;
  return {
    startedAt: durationMs === null ? null : eventAt - durationMs,
    endedAt: eventAt,
    durationMs,
  };
}
