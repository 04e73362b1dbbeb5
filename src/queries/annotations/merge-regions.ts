import type { BreakRecord } from '../../model/break.ts';
import type { TimeRange } from '../../store/store.ts';

/** The part of a break that regions need; it may represent all breaks of one cause in a step. */
export interface RegionBreak {
  event: Pick<BreakRecord['event'], 'endedAt'>;
  verdict: Pick<BreakRecord['verdict'], 'category'>;
}

/** One or more breaks, drawn as one region. Times are epoch ms UTC. */
export interface Region<R extends RegionBreak = BreakRecord> {
  start: number;
  /** Equal to `start` for a region without length. */
  end: number;
  /** The newest break of the most frequent cause; the region shows its texts. */
  record: R;
  /** Number of breaks. */
  count: number;
  /** Full keys of the streams; empty when they were not read. */
  streams: Set<string>;
  /** Empty when they were not read. */
  domains: Set<string>;
  /** Breaks by cause. */
  causes: Map<string, { count: number; record: R }>;
}

/**
 * Creates the region of one break, from break to recovery. Without a recovery it ends now or at the end of
 * the range, whichever is earlier. A normal end has no length.
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
 * Merges regions of the same stream and cause that overlap or are closer than the gap.
 *
 * @param gapMs - regions this close look like one when drawn
 */
export function mergeByStream(regions: readonly Region[], gapMs: number): Region[] {
  return mergeNear(regions, gapMs, ({ record }) => `${streamOf(record)}\n${causeOf(record)}`);
}

/** A region of this many gaps is so short that those beside it look like a part of it. */
const SHORT_GAPS = 4;

/**
 * Merges regions of the same category that look like one: longer ones whose starts and ends are close, and short ones
 * that are close to each other.
 *
 * @param gapMs - borders this close look like one when drawn
 * @returns in the order of time
 */
export function mergeLookAlikes<R extends RegionBreak>(
  regions: readonly Region<R>[],
  gapMs: number,
): Region<R>[] {
  const isShort = ({ start, end }: Region<R>) => end - start <= gapMs * SHORT_GAPS;
  const pixelOf = (at: number) => Math.floor(at / Math.max(1, gapMs));
  const alike = Map.groupBy(
    regions.filter((region) => !isShort(region)),
    ({ start, end, record }) => `${record.verdict.category} ${pixelOf(start)} ${pixelOf(end)}`,
  );
  return [
    ...mergeNear(regions.filter(isShort), gapMs, ({ record }) => record.verdict.category),
    ...[...alike.values()].flatMap((group) => mergeNear(group, Number.POSITIVE_INFINITY, () => '')),
  ].sort((a, b) => a.start - b.start);
}

/**
 * Merges regions of the same category, the closest first, until at most `limit` are left. So the merged
 * regions cover as little time without a break as possible. When the limit is smaller than the number of
 * categories, different categories are merged too.
 */
export function mergeByCategory<R extends RegionBreak>(
  regions: readonly Region<R>[],
  limit: number,
): Region<R>[] {
  const categories = new Set(regions.map(({ record }) => record.verdict.category));
  const keyOf = ({ record }: Region<R>) =>
    categories.size <= limit ? record.verdict.category : 'all';
  const separate = mergeNear(regions, 0, keyOf);
  const last = new Map<string, Region<R>>();
  const gaps: { region: Region<R>; gapMs: number }[] = [];
  for (const region of separate) {
    const before = last.get(keyOf(region));
    if (before) {
      gaps.push({ region, gapMs: region.start - before.end });
    }
    last.set(keyOf(region), region);
  }
  const excess = Math.max(0, separate.length - limit);
  const toJoin = new Set(
    gaps
      .sort((a, b) => a.gapMs - b.gapMs)
      .slice(0, excess)
      .map(({ region }) => region),
  );
  return joinBefore(separate, (region) => toJoin.has(region), keyOf);
}

/** Merges each chosen region into the previous one of its key. */
function joinBefore<R extends RegionBreak>(
  regions: readonly Region<R>[],
  isJoined: (region: Region<R>) => boolean,
  keyOf: (region: Region<R>) => string,
): Region<R>[] {
  const joined: Region<R>[] = [];
  const last = new Map<string, Region<R>>();
  for (const region of regions) {
    const key = keyOf(region);
    const before = last.get(key);
    if (before && isJoined(region)) {
      mergeInto(before, region);
    } else {
      last.set(key, region);
      joined.push(region);
    }
  }
  return joined;
}

/** Merges regions of one key that overlap or are closer than the gap, without changing the given ones. */
function mergeNear<R extends RegionBreak>(
  regions: readonly Region<R>[],
  gapMs: number,
  keyOf: (region: Region<R>) => string,
): Region<R>[] {
  const merged: Region<R>[] = [];
  const last = new Map<string, Region<R>>();
  for (const region of [...regions].sort((a, b) => a.start - b.start)) {
    const key = keyOf(region);
    const before = last.get(key);
    if (before && region.start <= before.end + gapMs) {
      mergeInto(before, region);
    } else {
      const copy = {
        ...region,
        streams: new Set(region.streams),
        domains: new Set(region.domains),
        causes: new Map(region.causes),
      };
      last.set(key, copy);
      merged.push(copy);
    }
  }
  return merged;
}

function mergeInto<R extends RegionBreak>(into: Region<R>, other: Region<R>): void {
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
  let max = 0;
  for (const { count, record } of into.causes.values()) {
    if (count > max) {
      max = count;
      into.record = record;
    }
  }
}

function streamOf({ event }: BreakRecord): string {
  return [event.account, event.domain, event.app, event.stream].join('\n');
}

function causeOf({ verdict }: BreakRecord): string {
  return causeKey(verdict.rule.id, verdict.reason);
}

/** Identifies a cause: by rule and reason. */
export function causeKey(rule: string, reason: string): string {
  return `${rule}\n${reason}`;
}
