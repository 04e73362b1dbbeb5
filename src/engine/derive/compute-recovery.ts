import type { BreakEvent } from '../../model/break.ts';
import type { Push } from '../../model/push.ts';
import { CLOCK_TOLERANCE_MS } from './matching/pairing.ts';
import { isComputedStart } from './start-of-push.ts';

/** A push that starts within this time after a break, in ms, counts as its recovery. */
export const RECOVERY_WINDOW_MS = 24 * 3_600_000;

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= CLOCK_TOLERANCE_MS;
}

/**
 * When a stream was live again after a break: the start of its first push at or after the break,
 * within {@link RECOVERY_WINDOW_MS}; the break itself when another push of the stream was live. Order of
 * arrival plays no part, so the result is the same whichever event comes first.
 *
 * A push may be known twice: from the callback, with its sequence, and from the API, by another clock. The
 * start in the begin callback counts. When no begin arrived, the start in the API counts, because the end
 * callback comes hours later and must not change an old recovery.
 *
 * @param pushes - pushes of the same stream, in any order
 * @returns epoch ms UTC, or null while no later push is known
 */
export function computeRecovery(
  event: Pick<BreakEvent, 'endedAt' | 'startedAt' | 'sequence' | 'durationMs'>,
  pushes: readonly Push[],
): number | null {
  if (isBesideLivePush(event, pushes)) {
    return event.endedAt;
  }
  const canRecover = (push: Push): boolean =>
    push.startedAt >= event.endedAt &&
    push.startedAt <= event.endedAt + RECOVERY_WINDOW_MS &&
    !isOwnPush(event, push);
  let recovery: number | null = null;
  for (const push of pushes) {
    if (
      push.startedAt < (recovery ?? Infinity) &&
      canRecover(push) &&
      !pushes.some((other) => hasBetterStart(other, push, canRecover))
    ) {
      recovery = push.startedAt;
    }
  }
  return recovery;
}

/**
 * Whether another push of the stream began after the one that ended and was live when it ended, as when a second
 * encoder takes over: viewers lost nothing. A refused try counts only beside a push that is known to have ended
 * later, within {@link RECOVERY_WINDOW_MS}: as long as the end is not known, the refusal speaks against it.
 */
function isBesideLivePush(
  event: Pick<BreakEvent, 'endedAt' | 'startedAt' | 'sequence' | 'durationMs'>,
  pushes: readonly Push[],
): boolean {
  const { startedAt, endedAt, durationMs } = event;
  const isRefused = durationMs === 0 || startedAt === endedAt;
  if (!isRefused && startedAt === null) {
    return false;
  }
  return pushes.some(
    (push) =>
      push.startedAt < endedAt - clockGap(event, push) &&
      (isRefused || push.startedAt > (startedAt as number) + CLOCK_TOLERANCE_MS) &&
      (push.endedAt === null
        ? !isRefused && !pushes.some((other) => isBetween(other, push, endedAt))
        : push.endedAt > endedAt && (!isRefused || push.endedAt <= endedAt + RECOVERY_WINDOW_MS)) &&
      !isOwnPush(event, push),
  );
}

/** Two clocks may put the next push before the break, by at most this, ms. */
function clockGap({ sequence }: Pick<BreakEvent, 'sequence'>, push: Push): number {
  const isOneClock = (sequence === null) === (push.sequence === null);
  return isOneClock && !isComputedStart(push.startedAt) ? 0 : CLOCK_TOLERANCE_MS;
}

/** Whether a push began after another one whose end is not known, and so shows that it had ended. */
function isBetween(other: Push, push: Push, moment: number): boolean {
  return other.startedAt > push.startedAt + CLOCK_TOLERANCE_MS && other.startedAt < moment;
}

/** Whether this is the push that the break ended. A refused push never started. */
function isOwnPush(
  event: Pick<BreakEvent, 'startedAt' | 'sequence' | 'durationMs'>,
  push: Push,
): boolean {
  if (event.sequence !== null && push.sequence !== null) {
    return event.sequence === push.sequence;
  }
  if (event.startedAt === null || event.durationMs === 0) {
    return false;
  }
  // Two times of the API come from one clock, so they must be equal: encoders that compete for a stream
  // follow each other within seconds.
  return event.sequence === null && push.sequence === null
    ? event.startedAt === push.startedAt
    : isNear(event.startedAt, push.startedAt);
}

/** Whether another source reported the same push with a start that counts before this one. */
function hasBetterStart(other: Push, push: Push, canRecover: (push: Push) => boolean): boolean {
  if ((other.sequence === null) === (push.sequence === null)) {
    return false;
  }
  if (!isNear(other.startedAt, push.startedAt)) {
    return false;
  }
  const byApi = other.sequence === null ? other : push;
  const byCallback = byApi === other ? push : other;
  const isApiBetter =
    isComputedStart(byCallback.startedAt) && canRecover(byApi) && canRecover(byCallback);
  return isApiBetter === (other === byApi);
}
