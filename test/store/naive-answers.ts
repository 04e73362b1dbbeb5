import type { BreakRecord } from '../../src/model/break.ts';
import type { FilterName, Filters } from '../../src/model/query.ts';
import type { BreakSearch, SeriesGroup, SeriesSearch } from '../../src/store/store.ts';

/** Returns the value that a filter or group reads. */
export function wantedValue({ event, verdict }: BreakRecord, name: FilterName): string | null {
  switch (name) {
    case 'account':
    case 'domain':
    case 'app':
    case 'stream':
    case 'clientIp':
    case 'node':
      return event[name];
    case 'rule':
      return verdict.rule.id;
    default:
      return verdict[name];
  }
}

function passes(record: BreakRecord, filters: Filters): boolean {
  return (Object.entries(filters) as [FilterName, string[]][]).every(([name, wanted]) => {
    const value = wantedValue(record, name);
    return (
      wanted.length === 0 ||
      wanted.some((text) => {
        const pattern = text
          .split('*')
          .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*');
        return text === '*' || (value !== null && new RegExp(`^${pattern}$`, 's').test(value));
      })
    );
  });
}

/** Computes the answer of `findBreaks` by reading everything. */
export function naiveFind(records: BreakRecord[], search: BreakSearch): BreakRecord[] {
  const { range, filters, limit, after, by } = search;
  const order = (a: BreakRecord, b: BreakRecord) =>
    b.event.endedAt - a.event.endedAt || (a.event.id < b.event.id ? 1 : -1);
  return records
    .filter(({ event }) => {
      const ended = event.endedAt >= range.from && event.endedAt < range.to;
      const reaches =
        event.endedAt < range.from && (event.recoveredAt ?? Number.POSITIVE_INFINITY) > range.from;
      return ended || (by === 'overlap' && reaches);
    })
    .filter((record) => passes(record, filters))
    .filter(
      ({ event }) =>
        after === undefined ||
        event.endedAt < after.endedAt ||
        (event.endedAt === after.endedAt && event.id < after.id),
    )
    .sort(order)
    .slice(0, limit);
}

/** Computes the answer of `series` second by second; all times must be whole seconds. */
export function naiveSeries(records: BreakRecord[], search: SeriesSearch): SeriesGroup[] {
  const { range, stepMs, groupBy, measure, limit, now } = search;
  const first = Math.floor(range.from / stepMs);
  const length = Math.ceil(range.to / stepMs) - first;
  const seconds = (range.to - range.from) / 1_000;
  const groups = new Map<string, SeriesGroup & { down: Map<string, Uint8Array> }>();
  for (const record of records.filter((one) => passes(one, search.filters))) {
    const { event, verdict } = record;
    const labels = Object.fromEntries(
      groupBy.map((name) => [name, wantedValue(record, name) ?? '']),
    );
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? {
      labels,
      points: new Array<number>(length).fill(0),
      down: new Map<string, Uint8Array>(),
    };
    groups.set(key, group);
    if (measure !== 'lostMinutes') {
      if (event.endedAt >= range.from && event.endedAt < range.to) {
        const step = Math.floor(event.endedAt / stepMs) - first;
        const amount = measure === 'rate' ? 60_000 / stepMs : 1;
        group.points[step] = (group.points[step] ?? 0) + amount;
      }
    } else if (verdict.outcome !== 'ended' && event.endedAt < range.to) {
      const stream = JSON.stringify([event.account, event.domain, event.app, event.stream]);
      const down = group.down.get(stream) ?? new Uint8Array(seconds);
      group.down.set(stream, down);
      const to = Math.min(event.recoveredAt ?? now, range.to);
      const from = Math.max(event.endedAt, range.from);
      if (from < to) {
        down.fill(1, (from - range.from) / 1_000, (to - range.from) / 1_000);
      }
    }
  }
  for (const group of groups.values()) {
    for (const down of group.down.values()) {
      down.forEach((isDown, second) => {
        const step = Math.floor((range.from + second * 1_000) / stepMs) - first;
        group.points[step] = (group.points[step] ?? 0) + isDown / 60;
      });
    }
  }
  const totalOf = (group: SeriesGroup) =>
    Array.from(group.points).reduce((sum, point) => sum + point, 0);
  return [...groups.values()]
    .filter((group) => totalOf(group) > 0)
    .sort((a, b) => totalOf(b) - totalOf(a))
    .slice(0, limit)
    .map(({ labels, points }) => ({ labels, points }));
}
