import type { DeliveryState, NoticeEntry } from './notice-book.ts';

/**
 * Folds the notices of one alert that wait for one channel, so that no reader gets outdated news:
 *
 * - of several updates only the newest waits;
 * - a waiting page is sent with the content of the update after it;
 * - a second page, for a higher severity, supersedes everything before it;
 * - a resolve supersedes a waiting page, and then says that the page was missed, unless the reader got
 *   an earlier page.
 *
 * @param waiting - in order of arrival; none of them is in flight
 * @returns notices whose state changed
 */
export function foldNotices(waiting: readonly NoticeEntry[], channel: string): NoticeEntry[] {
  const kept: NoticeEntry[] = [];
  const changed = new Set<NoticeEntry>();
  const change = (entry: NoticeEntry, to: Partial<DeliveryState>) => {
    entry.channels.set(channel, { ...(entry.channels.get(channel) as DeliveryState), ...to });
    changed.add(entry);
  };
  for (const entry of waiting) {
    if (entry.kind === 'resolve') {
      while (kept.at(-1)?.kind === 'update') {
        change(kept.pop() as NoticeEntry, { state: 'superseded' });
      }
    }
    if (entry.kind === 'page') {
      for (let old = kept.pop(); old; old = kept.pop()) {
        change(old, { state: 'superseded' });
        if (old.kind === 'page') {
          change(entry, { pagedBefore: old.channels.get(channel)?.pagedBefore ?? false });
        }
      }
    }
    const last = kept.at(-1);
    if (entry.kind === 'update' && last?.kind === 'page') {
      change(entry, { state: 'superseded' });
      change(last, { contentOf: entry.id });
      continue;
    }
    if (entry.kind === 'update' && last?.kind === 'update') {
      change(kept.pop() as NoticeEntry, { state: 'superseded' });
    } else if (entry.kind === 'resolve' && last?.kind === 'page') {
      change(last, { state: 'superseded' });
      kept.pop();
      if (!last.channels.get(channel)?.pagedBefore) {
        change(entry, { missed: true });
      }
    }
    kept.push(entry);
  }
  return [...changed];
}
