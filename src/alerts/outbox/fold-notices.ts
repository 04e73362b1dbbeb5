import type { DeliveryState, NoticeEntry } from './notice-book.ts';

/**
 * Folds what waits for one way out of one alert, so that nobody is told what is old: of updates only
 * the newest waits; a page that has not gone out takes the words of the update after it, or is left to
 * the page that tells of a rise; and a page whose alert is over by now is left to the resolve, which
 * then says that it was missed, unless its reader had a page before.
 *
 * @param waiting - in order of arrival, none of them being sent
 * @returns those whose state was changed
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
          change(entry, { again: old.channels.get(channel)?.again ?? false });
        }
      }
    }
    const last = kept.at(-1);
    if (entry.kind === 'update' && last?.kind === 'page') {
      change(entry, { state: 'superseded' });
      change(last, { words: entry.id });
      continue;
    }
    if (entry.kind === 'update' && last?.kind === 'update') {
      change(kept.pop() as NoticeEntry, { state: 'superseded' });
    } else if (entry.kind === 'resolve' && last?.kind === 'page') {
      change(last, { state: 'superseded' });
      kept.pop();
      if (!last.channels.get(channel)?.again) {
        change(entry, { missed: true });
      }
    }
    kept.push(entry);
  }
  return [...changed];
}
