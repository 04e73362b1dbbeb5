import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AlertInstance } from '../../model/alert.ts';
import { isOver, type StoredIncident } from '../../model/incident.ts';
import type { ThreadStore } from '../../store/store.ts';
import { incidentBreaks } from './incident-breaks.ts';
import type { IncidentMemory, SettledAccounts, StaleAccount } from './incident-memory.ts';
import { HISTORY_MS } from './packed-break.ts';

/** Breaks are read in slices of this time, ms, so that only a slice is in memory at once … */
const SLICE_MS = 5 * 60_000;
/** … or of up to this time while a slice has fewer than so many breaks. */
const MAX_SLICE_MS = 60 * 60_000;
const FEW_BREAKS = 1_000;
const MAX_PUSHES = 250_000;
const MAX_DOCUMENTS = 20_000;
const DAY_MS = 86_400_000;
/** Breaks of one moment may be reported a little apart, in ms. */
const MARGIN_MS = 30_000;
/** The name of the stored state with the windows that can no longer change. */
const SETTLED = 'incidents:settled';

/** What an earlier run stored. */
export interface LoadedIncidents {
  incidents: StoredIncident[];
  alerts: AlertInstance[];
}

/**
 * Reads what an earlier run stored: incidents, alerts, and the settled windows. {@link loadBreaks} reads
 * the breaks.
 *
 * @param now - epoch ms UTC
 * @throws `STORE_FAILED`; reading again is safe
 */
export async function loadIncidents(
  store: ThreadStore,
  memory: IncidentMemory,
  now: number,
): Promise<LoadedIncidents> {
  const incidents = await readDocuments<StoredIncident>(store, 'incident', now);
  const alerts = await readDocuments<AlertInstance>(store, 'alert', now);
  memory.settle(((await store.getState(SETTLED)) ?? {}) as SettledAccounts);
  return { incidents, alerts };
}

/** From when on breaks are needed to continue with these incidents, epoch ms UTC. */
export function neededFrom(incidents: readonly StoredIncident[], now: number): number {
  return incidents.reduce(
    (first, one) => (isOver(one) ? first : Math.min(first, one.startedAt)),
    now - HISTORY_MS,
  );
}

/**
 * Reads breaks and pushes into the memory, slice by slice, oldest first: the memory folds older slices
 * before it gets newer ones.
 *
 * @param from - start of what is needed, epoch ms UTC; all accounts when no account is named
 * @param now - epoch ms UTC
 * @throws `STORE_FAILED`; after that the memory must be reset
 */
export async function loadBreaks(
  store: ThreadStore,
  memory: IncidentMemory,
  { account, from }: Pick<StaleAccount, 'from'> & Partial<StaleAccount>,
  now: number,
): Promise<void> {
  const only = account === undefined ? {} : { account: [account] };
  let sliceMs = SLICE_MS;
  for (let start = from - MARGIN_MS; start < now + DAY_MS; ) {
    const end = start < now ? Math.min(start + sliceMs, now) : now + DAY_MS;
    const range = { from: start, to: Math.max(end, start + 1) };
    const pushes = await store.pushesDuring({ range, ...only, limit: MAX_PUSHES });
    const records = (await Array.fromAsync(incidentBreaks(store, range, only))).flat();
    memory.load(records, pushes, Math.min(end, now));
    sliceMs = records.length < FEW_BREAKS ? Math.min(2 * sliceMs, MAX_SLICE_MS) : SLICE_MS;
    start = range.to;
    // Reading blocks this thread: its end must get a turn.
    await nextTurn();
  }
}

/** Stores which windows can no longer change. @throws `STORE_FAILED` */
export function storeSettled(store: ThreadStore, settled: SettledAccounts): Promise<void> {
  return store.setState(SETTLED, settled);
}

/**
 * Reads open documents, and those of the last day.
 *
 * @param now - epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function readDocuments<T>(
  store: Pick<ThreadStore, 'findDocuments'>,
  kind: string,
  now: number,
): Promise<T[]> {
  const range = { from: now - DAY_MS, to: now + DAY_MS };
  const found = [
    ...(await store.findDocuments({ kind, open: true, limit: MAX_DOCUMENTS })),
    ...(await store.findDocuments({ kind, range, limit: MAX_DOCUMENTS })),
  ];
  return [...new Map(found.map((one) => [one.id, one.body as T])).values()];
}
