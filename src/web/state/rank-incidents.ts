import { SEVERITIES } from '../../model/vocabulary.ts';
import type { ShownIncident } from './fetch-incidents.ts';
import type { PageFilters } from './filter-breaks.ts';

/**
 * Open incidents in the order in which someone should look at them: the loudest, then those that
 * keep most streams down, then the newest.
 *
 * @param filters - wanted categories and account; what is empty lets all pass
 * @param wanted - id of the one that a link of an alert leads to: it stands before all others
 */
export function rankIncidents(
  incidents: readonly ShownIncident[],
  { categories, account }: Pick<PageFilters, 'categories' | 'account'>,
  wanted: string | null = null,
): ShownIncident[] {
  return incidents
    .filter(
      (incident) =>
        incident.id === wanted ||
        ((categories.length === 0 || categories.includes(incident.category)) &&
          (account === '' || incident.account === account)),
    )
    .sort(
      (a, b) =>
        Number(b.id === wanted) - Number(a.id === wanted) ||
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.streamsDown - a.streamsDown ||
        b.time - a.time,
    );
}
