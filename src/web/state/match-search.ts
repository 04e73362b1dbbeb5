import type { ShownIncident } from './fetch-incidents.ts';

/** Whether an incident has the searched text in its scope, its cause, its id or the names of its streams. */
export function matchesSearch(incident: ShownIncident, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  const { id, scope, cause, account, card } = incident;
  return (
    wanted === '' ||
    [id, scope, cause, account, card].some((text) => text.toLowerCase().includes(wanted))
  );
}
