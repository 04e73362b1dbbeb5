import type { BreakEvent } from '../../model/break.ts';
import type { Push } from '../../model/push.ts';
import { CLOCK_TOLERANCE_MS } from './matching/pairing.ts';

/** A push that starts within this time after a break, in ms, counts as its recovery. */
export const RECOVERY_WINDOW_MS = 24 * 3_600_000;

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= CLOCK_TOLERANCE_MS;
}

/**
 * When a stream was live again after a break: the start of its first push at or after the break,
 * within {@link RECOVERY_WINDOW_MS}. Order of arrival plays no part, so the result is the same
 * whichever event comes first.
 *
 * A push may be known twice: from the callback, with its sequence, and from the API, by another clock. The
 * start in the callback counts.
 *
 * @param pushes - pushes of the same stream, in any order
 * @returns epoch ms UTC, or null while no later push is known
 */
export function computeRecovery(
  event: Pick<BreakEvent, 'endedAt' | 'startedAt' | 'sequence' | 'durationMs'>,
  pushes: readonly Push[],
): number | null {
  let recovery: number | null = null;
  for (const push of pushes) {
    if (
      push.startedAt >= event.endedAt &&
      push.startedAt <= event.endedAt + RECOVERY_WINDOW_MS &&
      push.startedAt < (recovery ?? Infinity) &&
      !isOwnPush(event, push) &&
      !isDuplicate(push, pushes)
    ) {
      recovery = push.startedAt;
    }
  }
  return recovery;
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

/** Whether only the API reported this push, while a callback reported the same one. */
function isDuplicate(push: Push, pushes: readonly Push[]): boolean {
  return (
    push.sequence === null &&
    pushes.some((other) => other.sequence !== null && isNear(other.startedAt, push.startedAt))
  );
}
