import type { BreakRecord } from '../../model/break.ts';
import type { Filters } from '../../model/query.ts';
import type { SeriesGroup, TimeRange } from '../../store/store.ts';
import type { QueryContext } from '../query-context.ts';
import { causeKey, type Drawn, mergeByCategory, type Region, regionOf } from './merge-regions.ts';

/** The breaks of one cause in one step of time; its `endedAt` is the step's end. */
interface StepCause extends Drawn {
  /** Filters that let its breaks pass and no others of the step. */
  filters: Filters;
}

/** Counts of breaks by category, rule and reason over a range. */
export interface StepCounts {
  range: TimeRange;
  /** What the counts were filtered by. */
  filters: Filters;
  stepMs: number;
  groups: readonly SeriesGroup[];
}

/**
 * Draws breaks that are too many to be read one by one: steps of time that follow each other and hold
 * breaks of a category are one region, which reaches to the recovery of the newest break of its most
 * frequent cause.
 *
 * @param limit - regions at most
 * @throws `STORE_FAILED`
 */
export async function regionsByStep(
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
      return record ? [drawn(region, record, range, now())] : [];
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

function drawn(
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
