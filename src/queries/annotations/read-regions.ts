import { SERIES_LIMIT } from '../../contract/limits.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Filters } from '../../model/query.ts';
import type { SeriesGroup, TimeRange } from '../../store/store.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { chooseStep } from '../series.ts';
import {
  causeKey,
  mergeByCategory,
  mergeByStream,
  mergeLookAlikes,
  type Region,
  type RegionBreak,
  regionOf,
} from './merge-regions.ts';

/** Up to this number, each break is read; more breaks are drawn in steps. */
const MAX_SINGLE_BREAKS = 2_000;

/** Maximum number of breaks from before the range that overlap it. */
const MAX_EARLIER_BREAKS = 1_000;

/** Maximum number of steps of a range. */
const RANGE_PARTS = 500;

/** The store counts breaks by minute. */
const MIN_STEP_MS = 60_000;

/** Which regions to find. */
export interface RegionSearch {
  range: TimeRange;
  filters: Filters;
  /** Maximum number of regions. */
  limit: number;
  /** Regions this close look like one when drawn, ms. */
  gapMs: number;
}

/** Regions by start time. */
export interface FoundRegions {
  regions: Region[];
  /** Length of the steps that are drawn instead of single breaks, ms; null when each break was read. */
  stepMs: number | null;
}

/**
 * Finds the regions of all breaks that overlap a range, even if they started earlier. Adjacent regions of the
 * same stream and cause are merged, then regions of a category that look like one. If there are still more
 * than the limit, adjacent regions of a category are merged. When there are too many breaks to read each, they are drawn in steps.
 *
 * @throws `STORE_FAILED`
 */
export async function readRegions(
  { range, filters, limit, gapMs }: RegionSearch,
  context: Pick<QueryContext, 'store' | 'now'>,
  signal?: StopSignal,
): Promise<FoundRegions> {
  const { store, now } = context;
  signal?.throwIfAborted();
  const length = range.to - range.from;
  const stepMs = Math.max(MIN_STEP_MS, chooseStep(length, RANGE_PARTS));
  const [groups, earlier] = await Promise.all([
    store.series({
      range,
      filters,
      groupBy: ['category', 'rule', 'reason'],
      stepMs,
      measure: 'count',
      limit: SERIES_LIMIT.max,
      now: now(),
    }),
    store.findBreaks({
      range,
      filters,
      by: 'overlap',
      // No id is less than the empty one, so these ended before the range.
      after: { endedAt: range.from, id: '' },
      limit: MAX_EARLIER_BREAKS,
    }),
  ]);
  signal?.throwIfAborted();
  const count = groups.reduce((sum, { points }) => sum + sumOf(points), 0);
  const merged = (found: readonly Region[], max: number) => {
    const byStream = mergeLookAlikes(mergeByStream(found, gapMs), gapMs);
    return byStream.length > max ? mergeByCategory(byStream, max) : byStream;
  };
  const toRegion = (record: Region['record']) => regionOf(record, range, now());
  if (count <= MAX_SINGLE_BREAKS) {
    const inside =
      count > 0 ? await store.findBreaks({ range, filters, limit: MAX_SINGLE_BREAKS }) : [];
    return { regions: merged([...inside, ...earlier].map(toRegion), limit), stepMs: null };
  }
  // Kept apart, because a region from before the range would merge with all later ones.
  const before = limit > 1 ? merged(earlier.map(toRegion), Math.ceil(limit / 4)) : [];
  const counts = { range, filters, stepMs, groups };
  const steps = await regionsByStep(counts, limit - before.length, context);
  return { regions: [...before, ...steps].sort((a, b) => a.start - b.start), stepMs };
}

function sumOf(points: Float64Array | number[]): number {
  let sum = 0;
  for (const point of points) {
    sum += point;
  }
  return sum;
}

/** The breaks of one cause in one step; `endedAt` is the end of the step. */
interface StepCause extends RegionBreak {
  /** Filters that match only its breaks within the step. */
  filters: Filters;
}

/** Counts of breaks by category, rule and reason over a range. */
interface StepCounts {
  range: TimeRange;
  /** Filters of the counts. */
  filters: Filters;
  stepMs: number;
  groups: readonly SeriesGroup[];
}

/**
 * Draws breaks in steps, when there are too many to read each. Adjacent steps with breaks of one category
 * become one region, which ends at the recovery of the newest break of its most frequent cause.
 *
 * @param limit - maximum number of regions
 * @throws `STORE_FAILED`
 */
async function regionsByStep(
  counts: StepCounts,
  limit: number,
  { store, now }: Pick<QueryContext, 'store' | 'now'>,
): Promise<Region[]> {
  const { range } = counts;
  const until = Math.min(range.to, now());
  const steps = counts.groups.flatMap((group) => stepRegions(group, counts, until));
  const regions = await Promise.all(
    mergeByCategory(steps, limit).map(async (region): Promise<Region[]> => {
      const [record] = await store.findBreaks({
        range: { from: region.start, to: region.record.event.endedAt },
        filters: region.record.filters,
        limit: 1,
      });
      return record ? [withNewestBreak(region, record, range, now())] : [];
    }),
  );
  return regions.flat();
}

function stepRegions(
  { labels, points }: SeriesGroup,
  { range, stepMs, filters }: StepCounts,
  until: number,
): Region<StepCause>[] {
  const { category = 'unknown', rule = '', reason = '' } = labels;
  const first = Math.floor(range.from / stepMs);
  const own = { ...filters, category: [category], rule: [rule], reason: [reason] } as Filters;
  return [...points].flatMap((count, i): Region<StepCause>[] => {
    if (count === 0) {
      return [];
    }
    const endedAt = Math.min(range.to, (first + i + 1) * stepMs);
    const record: StepCause = {
      event: { endedAt },
      verdict: { category: category as StepCause['verdict']['category'] },
      filters: own,
    };
    const start = Math.max(range.from, (first + i) * stepMs);
    return [
      {
        start,
        end: Math.max(start, Math.min(endedAt, until)),
        record,
        count,
        streams: new Set(),
        domains: new Set(),
        causes: new Map([[causeKey(rule, reason), { count, record }]]),
      },
    ];
  });
}

function withNewestBreak(
  region: Region<StepCause>,
  record: BreakRecord,
  range: TimeRange,
  now: number,
): Region {
  const { end } = regionOf(record, range, now);
  return {
    ...region,
    end: Math.max(region.end, end),
    record,
    causes: new Map([...region.causes].map(([cause, { count }]) => [cause, { count, record }])),
  };
}
