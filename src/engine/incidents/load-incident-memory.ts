import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertInstance } from '../../model/alert.ts';
import { isOver, type StoredIncident } from '../../model/incident.ts';
import type { ThreadStore } from '../../store/store.ts';
import { HISTORY_MS, type IncidentMemory, type SettledAccounts } from './incident-memory.ts';

const PAGE = 2_000;
const MAX_RECORDS = 250_000;
const MAX_PUSHES = 250_000;
const MAX_DOCUMENTS = 20_000;
const DAY_MS = 86_400_000;
/** Breaks of one moment may be reported a little apart, in ms. */
const MARGIN_MS = 30_000;
/** The name of the stored state that tells which windows can no longer change. */
const SETTLED = 'incidents:settled';

/** What an earlier run stored. */
export interface LoadedIncidents {
  incidents: StoredIncident[];
  alerts: AlertInstance[];
}

/**
 * Loads what an earlier run stored: incidents, alerts, and into the memory the breaks and pushes that
 * open incidents and those of the last hours consist of.
 *
 * @param now - epoch ms UTC
 * @throws `STORE_FAILED`; loading again is safe
 */
export async function loadIncidentMemory(
  store: ThreadStore,
  memory: IncidentMemory,
  now: number,
): Promise<LoadedIncidents> {
  const incidents = await readDocuments<StoredIncident>(store, 'incident', now);
  const alerts = await readDocuments<AlertInstance>(store, 'alert', now);
  memory.settle(((await store.getState(SETTLED)) ?? {}) as SettledAccounts);
  const from = incidents.reduce(
    (first, one) => (isOver(one) ? first : Math.min(first, one.startedAt)),
    now - HISTORY_MS,
  );
  const range = { from: from - MARGIN_MS, to: now + DAY_MS };
  memory.load([], await store.pushesDuring({ range, limit: MAX_PUSHES }));
  let after: { endedAt: number; id: string } | undefined;
  for (let loaded = 0; loaded < MAX_RECORDS; loaded += PAGE) {
    const page = await store.findBreaks({
      range,
      filters: { outcome: ['broken', 'refused'] },
      limit: PAGE,
      ...(after && { after }),
    });
    memory.load(page, []);
    const last = page.at(-1);
    if (!last || page.length < PAGE) {
      break;
    }
    after = { endedAt: last.event.endedAt, id: last.event.id };
    // Reading blocks this thread: its end must get a turn.
    await nextTurn();
  }
  return { incidents, alerts };
}

/** Stores which windows can no longer change. @throws `STORE_FAILED` */
export function storeSettled(store: ThreadStore, settled: SettledAccounts): Promise<void> {
  return store.setState(SETTLED, settled);
}

/** Open documents, and those of the last day. */
async function readDocuments<T>(store: ThreadStore, kind: string, now: number): Promise<T[]> {
  const range = { from: now - DAY_MS, to: now + DAY_MS };
  const found = [
    ...(await store.findDocuments({ kind, open: true, limit: MAX_DOCUMENTS })),
    ...(await store.findDocuments({ kind, range, limit: MAX_DOCUMENTS })),
  ];
  return [...new Map(found.map((one) => [one.id, one.body as T])).values()];
}
