import type { NoticeEntry, WayState } from './dispatch-book.ts';

/**
 * Folds what waits for one way out of one alert, so that nobody is told what is old: of updates only
 * the newest waits; a page that has not gone out takes the words of the update after it; and a page
 * whose alert is over by now is left to the resolve, which then says that it was missed.
 *
 * @param waiting - in order of arrival, none of them being sent
 * @returns those whose state was changed
 */
export function foldNotices(waiting: readonly NoticeEntry[], way: string): NoticeEntry[] {
  const kept: NoticeEntry[] = [];
  const changed = new Set<NoticeEntry>();
  const change = (entry: NoticeEntry, to: Partial<WayState>) => {
    entry.ways.set(way, { ...(entry.ways.get(way) as WayState), ...to });
    changed.add(entry);
  };
  for (const entry of waiting) {
    if (entry.kind === 'resolve') {
      while (kept.at(-1)?.kind === 'update') {
        change(kept.pop() as NoticeEntry, { state: 'superseded' });
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
      change(kept.pop() as NoticeEntry, { state: 'superseded' });
      change(entry, { missed: true });
    }
    kept.push(entry);
  }
  return [...changed];
}
