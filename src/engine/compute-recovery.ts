import type { BreakEvent } from '../model/break-event.ts';
import type { Push } from '../model/push.ts';

/**
 * When a stream was live again after a break: the start of its first push at or after the break.
 * Order of arrival plays no part, so the result is the same whichever event comes first.
 *
 * @param pushes - pushes of the same stream, in any order
 * @returns epoch ms UTC, or null while no later push is known
 */
export function computeRecovery(
  event: Pick<BreakEvent, 'endedAt' | 'startedAt' | 'sequence'>,
  pushes: readonly Push[],
): number | null {
  let recovery: number | null = null;
  for (const push of pushes) {
    const isOwnPush =
      (event.sequence !== null && push.sequence === event.sequence) ||
      (event.startedAt !== null && push.startedAt === event.startedAt);
    if (!isOwnPush && push.startedAt >= event.endedAt && (recovery ?? Infinity) > push.startedAt) {
      recovery = push.startedAt;
    }
  }
  return recovery;
}
