import type { Push } from '../../model/push.ts';
import { isKnownPush, type PushReport } from './live-streams.ts';
import { canonicalStart } from './start-of-push.ts';

/** What arrived about a push: it began, or its end arrived. */
export type ArrivedPush = Omit<PushReport, 'wasKnown'>;

/** The pushes of a stream, and what a batch changes about them. */
export interface MergedPushes {
  pushes: Push[];
  /** New and changed pushes. */
  changed: Set<Push>;
  reports: PushReport[];
}

/**
 * Merges pushes into those of a stream, and notes which are new or changed.
 *
 * @returns the first start of a push that is new, or whose start or sequence changed, epoch ms UTC; infinite
 * for none
 */
export function mergePushes(stream: MergedPushes, pushes: readonly ArrivedPush[]): number {
  let earliest = Infinity;
  for (const { push, node, isEnd } of pushes) {
    const known = findPush(stream, push);
    const wasKnown = isKnownPush(stream.pushes, push);
    stream.reports.push({ push: known ?? push, node, isEnd, wasKnown });
    if (!known) {
      stream.pushes.push(push);
      stream.changed.add(push);
      earliest = Math.min(earliest, push.startedAt);
      continue;
    }
    const before = { ...known };
    mergePush(known, push);
    if (!isSame(known, before)) {
      stream.changed.add(known);
    }
    // An end that came before its begin finds its start by the sequence.
    if (known.startedAt !== before.startedAt || known.sequence !== before.sequence) {
      earliest = Math.min(earliest, before.startedAt, known.startedAt);
      mergeSameStart(stream, known);
    }
  }
  return earliest;
}

function isSame(one: Push, other: Push): boolean {
  return (
    one.startedAt === other.startedAt &&
    one.endedAt === other.endedAt &&
    one.sequence === other.sequence &&
    one.txTime === other.txTime
  );
}

/** A push is identified by its sequence or by its start. */
function findPush({ pushes }: MergedPushes, push: Push): Push | undefined {
  return (
    pushes.find((other) => push.sequence !== null && other.sequence === push.sequence) ??
    pushes.find(
      (other) =>
        other.startedAt === push.startedAt &&
        (push.sequence === null || other.sequence === null || other.sequence === push.sequence),
    )
  );
}

/** The API may have reported the push that now has the same start. */
function mergeSameStart({ pushes, changed }: MergedPushes, push: Push): void {
  const index = pushes.findIndex(
    (other) =>
      other !== push &&
      other.startedAt === push.startedAt &&
      (other.sequence === null || push.sequence === null),
  );
  const [same] = index < 0 ? [] : pushes.splice(index, 1);
  if (same) {
    mergePush(push, same);
    changed.delete(same);
  }
}

/**
 * Merges a push into a known one. Where one sequence has several starts, the one that {@link canonicalStart}
 * names counts, so that the order of arrival does not matter.
 */
function mergePush(known: Push, push: Push): void {
  known.startedAt = canonicalStart(known.startedAt, push.startedAt);
  known.endedAt =
    push.sequence === null ? (known.endedAt ?? push.endedAt) : (push.endedAt ?? known.endedAt);
  known.sequence ??= push.sequence;
  if (push.txTime != null) {
    known.txTime = Math.max(push.txTime, known.txTime ?? push.txTime);
  }
}
