import { CATEGORIES, type Category } from '../../model/vocabulary.ts';
import type { ShownBreak } from './api.ts';
import type { Counted } from './fetch-counts.ts';

/**
 * Counts breaks by category in equal steps.
 *
 * @param from - start of the first step, epoch ms UTC
 * @param to - end of the last step, epoch ms UTC
 * @returns times of the steps' starts and, for each category that occurs, one count a step
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
  // One order of colours whatever came first, or bars would change places as breaks arrive.
  const counts = new Map(
    CATEGORIES.flatMap((category) => {
      const values = found.get(category);
      return values ? [[category, values] as const] : [];
    }),
  );
  return { times, counts };
}
