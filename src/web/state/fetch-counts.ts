import type { Frame } from '../../model/frame.ts';
import type { Filters } from '../../model/query.ts';
import { CATEGORIES, type Category } from '../../model/vocabulary.ts';
import { postQuery } from './api.ts';

/** Breaks by category in equal steps. */
export interface Counted {
  /** Starts of the steps, epoch ms UTC. */
  times: number[];
  /** One count a step, for each category that occurs. */
  counts: Map<Category, number[]>;
}

/**
 * Has the server count breaks by category in equal steps.
 *
 * @param range - epoch ms UTC, whole steps
 * @throws when the server does not answer or answers an error
 */
export async function fetchCounts(
  range: { from: number; to: number; stepMs: number },
  filters: Filters,
  signal?: AbortSignal,
): Promise<Counted> {
  const { from, to, stepMs } = range;
  const { results } = await postQuery(
    {
      from,
      to,
      queries: [{ refId: 'counts', queryType: 'series', groupBy: ['category'], stepMs, filters }],
    },
    signal,
  );
  const answer = results.counts;
  if (!answer || 'error' in answer) {
    throw new Error(answer?.error.message ?? 'no answer');
  }
  return countedOf(answer.frames);
}

/** Takes a series' frames, one a category, apart. */
export function countedOf(frames: readonly Frame[]): Counted {
  const values = new Map(
    frames.flatMap(({ fields: [time, count] }) =>
      time && count ? [[count.labels?.category, { time, count }] as const] : [],
    ),
  );
  const [first] = values.values();
  return {
    times: (first?.time.values ?? []) as number[],
    counts: new Map(
      CATEGORIES.flatMap((category) => {
        const found = values.get(category);
        return found ? [[category, found.count.values as number[]] as const] : [];
      }),
    ),
  };
}
