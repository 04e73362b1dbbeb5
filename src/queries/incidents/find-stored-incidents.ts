import type { Incident } from '../../model/incident.ts';
import type { StoredIncident, StoredRemarks } from '../../model/stored-incident.ts';
import type { Store } from '../../store/store.ts';

/** More incidents than this are not open at once. */
const MAX_OPEN = 5_000;

/** What is kept of an incident that was worked out anew. */
export interface FoundIncidents {
  /** The id under which people speak of it. */
  id: string;
  acknowledgedBy: string | null;
}

/**
 * Finds incidents among those that are kept: by id, or by the break that one was named after, as an
 * earlier break of it may have turned up since.
 *
 * @returns by the incident's own id; what is not kept is absent
 * @throws `STORE_FAILED`
 */
export async function findStoredIncidents(
  incidents: readonly Incident[],
  store: Pick<Store, 'findDocuments'>,
): Promise<Map<string, FoundIncidents>> {
  if (incidents.length === 0) {
    return new Map();
  }
  const ids = incidents.map(({ id }) => id);
  const [own, open] = await Promise.all([
    store.findDocuments({ kind: 'incident', ids, limit: ids.length }),
    store.findDocuments({ kind: 'incident', open: true, limit: MAX_OPEN }),
  ]);
  const byId = new Map([...open, ...own].map(({ id, body }) => [id, body as StoredIncident]));
  const kept = new Map<string, string>();
  for (const incident of incidents) {
    const known = byId.get(incident.id) ?? founderIn(incident, byId);
    if (known) {
      kept.set(incident.id, known.mergedInto ?? known.id);
    }
  }
  const said = await store.findDocuments({
    kind: 'remarks',
    ids: [...kept.values()],
    limit: ids.length,
  });
  const remarks = new Map(said.map(({ id, body }) => [id, body as StoredRemarks]));
  return new Map(
    [...kept].map(([incident, id]) => [
      incident,
      { id, acknowledgedBy: remarks.get(id)?.acknowledged?.by ?? null },
    ]),
  );
}

function founderIn(
  { chains }: Incident,
  byId: ReadonlyMap<string, StoredIncident>,
): StoredIncident | undefined {
  for (const { breaks } of chains) {
    for (const { event } of breaks) {
      const known = byId.get(`inc-${event.id}`);
      if (known) {
        return known;
      }
    }
  }
  return undefined;
}
