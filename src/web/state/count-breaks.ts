import type { Frame } from '../../model/frame.ts';
import type { Filters } from '../../model/query.ts';
import { CATEGORIES, type Category } from '../../model/vocabulary.ts';
import { postQuery, type ShownBreak } from './api.ts';

/** Bars of the chart. */
const STEPS = 96;

/** Breaks by category in equal steps. */
export interface Counted {
  /** Start of each step, epoch ms UTC. */
  times: number[];
  /** One count for each step, for each category that occurs. */
  counts: Map<Category, number[]>;
}

/**
 * Returns the time range that ends with the current step, in equal steps.
 *
 * @param now - epoch ms
 * @returns epoch ms UTC; both ends are whole steps
 */
export function rangeOf(hours: number, now: number): { from: number; to: number; stepMs: number } {
  const stepMs = (hours * 3_600_000) / STEPS;
  const to = Math.ceil(now / stepMs) * stepMs;
  return { from: to - hours * 3_600_000, to, stepMs };
}

/**
 * Counts breaks by category in equal steps.
 *
 * @param from - start of the first step, epoch ms UTC
 * @param to - end of the last step, epoch ms UTC
 * @returns the start of each step and, for each category that occurs, one count for each step
 */
export function countByStep(
  breaks: readonly ShownBreak[],
  from: number,
  to: number,
  stepMs: number,
): Counted {
  const steps = Math.round((to - from) / stepMs);
  const times = Array.from({ length: steps }, (_none, step) => from + step * stepMs);
  const found = new Map<Category, number[]>();
  for (const { endedAt, diagnosis } of breaks) {
    const step = Math.floor((endedAt - from) / stepMs);
    if (step < 0 || step >= steps) {
      continue;
    }
    let counts = found.get(diagnosis.category);
    if (!counts) {
      counts = new Array<number>(steps).fill(0);
      found.set(diagnosis.category, counts);
    }
    counts[step] = (counts[step] as number) + 1;
  }
  // A fixed order of categories, or the bars would change places as breaks arrive.
  const counts = new Map(
    CATEGORIES.flatMap((category) => {
      const values = found.get(category);
      return values ? [[category, values] as const] : [];
    }),
  );
  return { times, counts };
}

/**
 * Asks the server for the number of breaks by category in equal steps.
 *
 * @param range - epoch ms UTC, whole steps
 * @throws Error when the server does not answer or returns an error
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

/** Reads the frames of a series query: one frame for each category. */
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
