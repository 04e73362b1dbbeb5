import { type Category, SEVERITIES } from '../model/vocabulary.ts';
import type { ShownIncident } from './fetch-incidents.ts';

/**
 * Open incidents in the order in which someone should look at them: the loudest, then those that
 * keep most streams down, then the newest.
 *
 * @param categories - wanted ones; empty lets all pass
 */
export function rankIncidents(
  incidents: readonly ShownIncident[],
  categories: readonly Category[],
): ShownIncident[] {
  return incidents
    .filter(({ category }) => categories.length === 0 || categories.includes(category))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.streamsDown - a.streamsDown ||
        b.time - a.time,
    );
}
