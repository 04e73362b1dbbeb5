import type { NoticeKind } from '../../model/notice.ts';
import type { DeliveryState, NoticeEntry } from './notice-book.ts';

/**
 * Supersedes pages that were given up by a newer page or resolve of the same alert that waits for the same
 * channel, so that an outdated page does not wait for a decision.
 *
 * @param entries - all open notices
 * @param fresh - the newer page or resolve
 * @returns notices whose state changed
 */
export function supersedeGivenUp(
  entries: Iterable<NoticeEntry>,
  fresh: NoticeEntry,
): NoticeEntry[] {
  const changed = new Set<NoticeEntry>();
  for (const old of entries) {
    if (old.order >= fresh.order || old.alert !== fresh.alert) {
      continue;
    }
    for (const [channel, state] of old.channels) {
      const waiting = fresh.channels.get(channel);
      if (state.state === 'givenUp' && waiting?.state === 'waiting') {
        old.channels.set(channel, { state: 'superseded' });
        fresh.channels.set(channel, stateAfter(old.kind, state, fresh.kind, waiting));
        changed.add(old).add(fresh);
      }
    }
  }
  return [...changed];
}

/** The state of a notice whose reader never got the page that it supersedes. */
function stateAfter(
  oldKind: NoticeKind,
  old: DeliveryState,
  kind: NoticeKind,
  state: DeliveryState,
): DeliveryState {
  if (oldKind !== 'page' || old.pagedBefore) {
    return state;
  }
  return kind === 'page' ? { ...state, pagedBefore: false } : { ...state, missed: true };
}
