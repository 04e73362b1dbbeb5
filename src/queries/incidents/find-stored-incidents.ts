import type { Incident, StoredIncident, StoredRemarks } from '../../model/incident.ts';
import type { Store } from '../../store/store.ts';

/** An incident is named after one of so many of its first breaks. */
const MAX_NAMES = 200;
/** Max ids in one search. */
const MAX_ASKED = 20_000;

/** What is stored about an incident that a query grouped again. */
export interface FoundIncidents {
  /** The id under which people speak of it. */
  id: string;
  acknowledgedBy: string | null;
}

/**
 * Finds the stored incidents of incidents that a query grouped again. A stored incident keeps its id
 * when an earlier break of it arrives later, so it may be named after any of its breaks.
 *
 * @returns by the incident's own id; an incident that is not stored is absent
 * @throws `STORE_FAILED`
 */
export async function findStoredIncidents(
  incidents: readonly Incident[],
  store: Pick<Store, 'findDocuments'>,
): Promise<Map<string, FoundIncidents>> {
  const find = async (ids: readonly string[]) => {
    const found = await store.findDocuments({ kind: 'incident', ids, limit: ids.length });
    return found.map(({ id, body }) => [id, body as StoredIncident] as const);
  };
  const byId = new Map(await find(incidents.map(({ id }) => id)));
  const isStored = (incident: Incident) => (byId.get(incident.id)?.state ?? 'gone') !== 'gone';
  const otherNames = incidents.filter((incident) => !isStored(incident)).flatMap(namesOf);
  for (const [id, stored] of await find(otherNames.slice(0, MAX_ASKED))) {
    byId.set(id, stored);
  }
  const storedIds = new Map<string, string>();
  for (const incident of incidents) {
    const known = namesOf(incident).flatMap((name) => byId.get(name) ?? []);
    const stored = known.find(({ state }) => state !== 'gone') ?? known[0];
    if (stored) {
      storedIds.set(incident.id, stored.mergedInto ?? stored.id);
    }
  }
  const ids = [...storedIds.values()];
  const found = await store.findDocuments({ kind: 'remarks', ids, limit: ids.length });
  const remarks = new Map(found.map(({ id, body }) => [id, body as StoredRemarks]));
  return new Map(
    [...storedIds].map(([incident, id]) => [
      incident,
      { id, acknowledgedBy: remarks.get(id)?.acknowledged?.by ?? null },
    ]),
  );
}

/** Ids that an incident may be stored under, its own first. */
function namesOf({ chains }: Incident): string[] {
  const names: string[] = [];
  for (const { breaks } of chains) {
    for (const { event } of breaks.slice(0, MAX_NAMES - names.length)) {
      names.push(`inc-${event.id}`);
    }
  }
  return names;
}
