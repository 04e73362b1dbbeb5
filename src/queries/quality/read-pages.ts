import { type AlertInstance, labelSetsFor } from '../../model/alert.ts';
import type { Feedback, FeedbackVerdict, StoredRemarks } from '../../model/incident.ts';
import type { Filters } from '../../model/query.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import { matchesLabels } from '../alerts/matches-labels.ts';
import type { StopSignal } from '../query-context.ts';

/** One alert that paged, and what came of it. */
export interface Page {
  alert: AlertInstance;
  /** Epoch ms UTC. */
  pagedAt: number;
  /** Until all its streams were back, or its condition ended, ms; null while it goes on, or when it fell silent. */
  overAfterMs: number | null;
  /** Until somebody first took its incident, ms; null when nobody did. */
  takenAfterMs: number | null;
  /** It was over soon after the page, and nobody had taken it: the page could have waited. */
  healed: boolean;
  /** The feedback on the cause of its incident; null without. */
  verdict: FeedbackVerdict | null;
}

/** Pages of a range. */
export interface Pages {
  /** Newest first. */
  pages: Page[];
  /** Only the newest alerts were read, because there are too many. */
  truncated: boolean;
}

/** An alert that is over within this time after its page, ms, and that nobody took, healed by itself. */
const HEALED_WITHIN_MS = 600_000;
/** An alert may page this long after its subject began, ms. */
const MAX_DELAY_MS = 86_400_000;
const MAX_ALERTS = 20_000;
/** Documents that are read by their ids at once. */
const IDS_AT_ONCE = 1_000;

/**
 * Reads the alerts that paged in a range. Alerts that do not notify, and those that Breakwatch could not collect, are
 * not among them.
 *
 * @throws `STORE_FAILED`
 */
export async function readPages(
  range: TimeRange,
  filters: Filters,
  store: Pick<Store, 'findDocuments'>,
  signal?: StopSignal,
): Promise<Pages> {
  const found = await store.findDocuments({
    kind: 'alert',
    range: { from: range.from - MAX_DELAY_MS, to: range.to },
    limit: MAX_ALERTS,
  });
  signal?.throwIfAborted();
  const paged = found
    .map(({ body }) => body as AlertInstance)
    .flatMap((alert) => {
      const pagedAt = alert.notified.page;
      const isWanted =
        pagedAt !== null &&
        pagedAt >= range.from &&
        pagedAt < range.to &&
        labelSetsFor(alert, (labels) => matchesLabels(labels, filters)).length > 0;
      return isWanted ? [{ alert, pagedAt }] : [];
    })
    .sort((a, b) => b.pagedAt - a.pagedAt || (a.alert.id < b.alert.id ? -1 : 1));
  const incidents = paged.flatMap(({ alert }) => alert.labels.incident || []);
  const remarks = await bodiesOf<StoredRemarks>('remarks', incidents, store, signal);
  const feedback = await bodiesOf<Feedback>(
    'feedback',
    incidents.map((id) => `incident:${id}`),
    store,
    signal,
  );
  const pages = paged.map(({ alert, pagedAt }): Page => {
    const { incident } = alert.labels;
    const takenAt = takenAtOf(remarks.get(incident));
    const overAt = overAtOf(alert);
    return {
      alert,
      pagedAt,
      overAfterMs: overAt === null ? null : Math.max(0, overAt - pagedAt),
      takenAfterMs: takenAt === null ? null : Math.max(0, takenAt - pagedAt),
      healed:
        overAt !== null &&
        overAt - pagedAt <= HEALED_WITHIN_MS &&
        (takenAt === null || takenAt > overAt),
      verdict: feedback.get(`incident:${incident}`)?.verdict ?? null,
    };
  });
  return { pages, truncated: found.length === MAX_ALERTS };
}

async function bodiesOf<T>(
  kind: string,
  ids: readonly string[],
  store: Pick<Store, 'findDocuments'>,
  signal: StopSignal | undefined,
): Promise<Map<string, T>> {
  const bodies = new Map<string, T>();
  for (let place = 0; place < ids.length; place += IDS_AT_ONCE) {
    signal?.throwIfAborted();
    const some = ids.slice(place, place + IDS_AT_ONCE);
    for (const { id, body } of await store.findDocuments({ kind, ids: some, limit: some.length })) {
      bodies.set(id, body as T);
    }
  }
  return bodies;
}

/** A push that was given up never came back, so nothing healed. */
function overAtOf({ silent, clearSince, resolvedAt }: AlertInstance): number | null {
  return silent ? null : (clearSince ?? resolvedAt);
}

function takenAtOf(remarks: StoredRemarks | undefined): number | null {
  const taken = (remarks?.duty ?? []).filter(({ kind }) => kind === 'taken').map(({ at }) => at);
  return taken.length > 0 ? Math.min(...taken) : (remarks?.acknowledged?.at ?? null);
}
