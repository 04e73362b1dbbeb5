import type { BreakRecord } from '../model/break-record.ts';
import type { Category } from '../model/vocabulary.ts';
import type { TimeRange } from '../store/store.ts';

/** One or more breaks drawn as one stretch of time. Times are epoch ms UTC. */
export interface Region {
  start: number;
  /** Equal to start for what has no length. */
  end: number;
  /** The break whose words stand for all: of the most frequent cause, the newest. */
  record: BreakRecord;
  /** Breaks inside. */
  count: number;
  /** Streams by their full key. */
  streams: Set<string>;
  domains: Set<string>;
  /** Breaks by cause. */
  causes: Map<string, { count: number; record: BreakRecord }>;
}

/**
 * The region of one break: from break to recovery. A break that has not recovered reaches to now or
 * to the end of the range, whichever is earlier; a normal end has no length.
 *
 * @param now - epoch ms UTC
 */
export function regionOf(record: BreakRecord, range: TimeRange, now: number): Region {
  const { event, verdict } = record;
  const open = verdict.outcome === 'ended' ? event.endedAt : Math.min(now, range.to);
  return {
    start: event.endedAt,
    end: Math.max(event.endedAt, event.recoveredAt ?? open),
    record,
    count: 1,
    streams: new Set([streamOf(record)]),
    domains: new Set([event.domain]),
    causes: new Map([[causeOf(record), { count: 1, record }]]),
  };
}

/**
 * Merges regions of the same stream and cause that overlap or lie closer than the gap.
 *
 * @param gapMs - what can not be told apart when drawn
 */
export function mergeByStream(regions: readonly Region[], gapMs: number): Region[] {
  const merged: Region[] = [];
  const last = new Map<string, Region>();
  for (const region of [...regions].sort((a, b) => a.start - b.start)) {
    const key = `${streamOf(region.record)}\n${causeOf(region.record)}`;
    const before = last.get(key);
    if (before && region.start <= before.end + gapMs) {
      absorb(before, region);
    } else {
      last.set(key, region);
      merged.push(region);
    }
  }
  return merged;
}

/**
 * Merges regions of the same category by stretches of the range until at most `limit` are left.
 * With fewer places than categories, the categories are merged too.
 */
export function mergeByCategory(
  regions: readonly Region[],
  range: TimeRange,
  limit: number,
): Region[] {
  const categories = new Set(regions.map((region) => region.record.verdict.category));
  const apart = categories.size <= limit;
  const stretches = apart ? Math.floor(limit / categories.size) : limit;
  const width = (range.to - range.from) / stretches;
  const merged = new Map<string, Region>();
  for (const region of regions) {
    const place = Math.floor((region.start - range.from) / width);
    const stretch = Math.min(Math.max(place, 0), stretches - 1);
    const category: Category | 'all' = apart ? region.record.verdict.category : 'all';
    const key = `${category} ${stretch}`;
    const before = merged.get(key);
    if (before) {
      absorb(before, region);
    } else {
      merged.set(key, region);
    }
  }
  return [...merged.values()].sort((a, b) => a.start - b.start);
}

function absorb(into: Region, other: Region): void {
  into.start = Math.min(into.start, other.start);
  into.end = Math.max(into.end, other.end);
  into.count += other.count;
  for (const stream of other.streams) {
    into.streams.add(stream);
  }
  for (const domain of other.domains) {
    into.domains.add(domain);
  }
  for (const [cause, { count, record }] of other.causes) {
    const known = into.causes.get(cause);
    into.causes.set(cause, {
      count: (known?.count ?? 0) + count,
      record: known && known.record.event.endedAt > record.event.endedAt ? known.record : record,
    });
  }
  let most = 0;
  for (const { count, record } of into.causes.values()) {
    if (count > most) {
      most = count;
      into.record = record;
    }
  }
}

function streamOf({ event }: BreakRecord): string {
  return [event.account, event.domain, event.app, event.stream].join('\n');
}

function causeOf({ verdict }: BreakRecord): string {
  return `${verdict.rule.id}\n${verdict.reason}`;
}
