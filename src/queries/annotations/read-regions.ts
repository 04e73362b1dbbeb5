import { SERIES_LIMIT } from '../../contract/limits.ts';
import type { Filters } from '../../model/query.ts';
import type { TimeRange } from '../../store/store.ts';
import type { QueryContext } from '../query-context.ts';
import { chooseStep } from '../series/choose-step.ts';
import { mergeByCategory, mergeByStream, type Region, regionOf } from './merge-regions.ts';
import { regionsByStep } from './regions-by-step.ts';

/** So many breaks are read one by one; of more, steps of time are drawn. */
const READ_SINGLY = 2_000;
/** Breaks from before the range at most that reach into it. */
const MAX_REACHING = 1_000;
/** Regions closer than this part of the range can not be told apart on a screen. */
const PARTS_OF_RANGE = 500;
/** The finest counts that are kept. */
const NARROWEST_STEP_MS = 60_000;

/** Regions in order of time. */
export interface FoundRegions {
  regions: Region[];
  /** Width of the steps that were drawn in place of single breaks, ms; null when there are none. */
  stepMs: number | null;
}

/**
 * Finds the regions of all breaks that touch a range, also of those that began before it. Regions of
 * the same stream and cause that touch are merged; when there are still more than the limit, those of
 * a category are merged by stretches of time. Breaks too many to be read are drawn by steps of time.
 *
 * @throws `STORE_FAILED`
 */
export async function readRegions(
  { range, filters }: { range: TimeRange; filters: Filters },
  limit: number,
  context: Pick<QueryContext, 'store' | 'now'>,
  signal?: AbortSignal,
): Promise<FoundRegions> {
  const { store, now } = context;
  signal?.throwIfAborted();
  const length = range.to - range.from;
  const stepMs = Math.max(NARROWEST_STEP_MS, chooseStep(length, PARTS_OF_RANGE));
  const gapMs = Math.max(1_000, length / PARTS_OF_RANGE);
  const [groups, reaching] = await Promise.all([
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
      // No id comes before the empty one, so these ended before the range.
      after: { endedAt: range.from, id: '' },
      limit: MAX_REACHING,
    }),
  ]);
  signal?.throwIfAborted();
  const count = groups.reduce((sum, { points }) => sum + sumOf(points), 0);
  const merged = (found: readonly Region[], max: number) => {
    const ofStreams = mergeByStream(found, gapMs);
    return ofStreams.length > max ? mergeByCategory(ofStreams, max) : ofStreams;
  };
  const toRegion = (record: Region['record']) => regionOf(record, range, now());
  if (count <= READ_SINGLY) {
    const inside = count > 0 ? await store.findBreaks({ range, filters, limit: READ_SINGLY }) : [];
    return { regions: merged([...inside, ...reaching].map(toRegion), limit), stepMs: null };
  }
  // What began before would else be one with all that came after it.
  const before = limit > 1 ? merged(reaching.map(toRegion), Math.ceil(limit / 4)) : [];
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
