import { type Category, SEVERITIES } from '../model/vocabulary.ts';
import type { ShownIncident } from './fetch-incidents.ts';

/**
 * Open incidents in the order in which someone should look at them: the loudest, then those that
 * keep most streams down, then the newest.
 *
 * @param categories - wanted ones; empty lets all pass
 * @param wanted - id of the one that a link of an alert leads to: it stands before all others
 */
export function rankIncidents(
  incidents: readonly ShownIncident[],
  categories: readonly Category[],
  wanted: string | null = null,
): ShownIncident[] {
  return incidents
    .filter(
      ({ id, category }) =>
        id === wanted || categories.length === 0 || categories.includes(category),
    )
    .sort(
      (a, b) =>
        Number(b.id === wanted) - Number(a.id === wanted) ||
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.streamsDown - a.streamsDown ||
        b.time - a.time,
    );
}
