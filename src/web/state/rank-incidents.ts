import { SEVERITIES } from '../../model/vocabulary.ts';
import type { PageFilters } from './break-list.ts';
import type { ShownIncident } from './fetch-incidents.ts';

/**
 * Filters incidents and sorts them by urgency: by severity, then by streams down, then the newest first.
 *
 * @param filters - selected categories and account; empty matches all
 * @param wanted - id of the incident of a link; it comes first, whatever the filters
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
