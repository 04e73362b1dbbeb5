import { findIncidents, type GroupedIncident } from '../../incidents/group-incidents.ts';
import { compareStarts } from '../../incidents/incident-order.ts';
import { knowsPushes, mergePushes } from '../../incidents/live-pushes.ts';
import { INCIDENT_OPTIONS } from '../../incidents/options.ts';
import { createRecordStripper, NEARBY_FACTS } from '../../incidents/strip-record.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Push } from '../../model/push.ts';
import type { Filters } from '../../model/query.ts';
import type { Outcome } from '../../model/vocabulary.ts';
import { breakPages } from '../../store/break-pages.ts';
import type { TimeRange } from '../../store/store.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';

/**
 * How far before a range breaks are read, in ms. An outage without a push attempt for this time is closed,
 * so every outage that is open at the start of the range is found.
 */
export const LOOK_BACK_MS = INCIDENT_OPTIONS.giveUpMs;

const PAGE = 5_000;

const MAX_READ = 100_000;

/** Breaks of a range and of the look-back before it. */
export interface History {
  /**
   * Newest first. Facts, sources, evidence and reason texts are left out to save memory when there are many
   * breaks, and more of those that are read for states; read a break again before you show it.
   */
  records: BreakRecord[];
  /** False when there are more breaks than are read. */
  complete: boolean;
}

/**
 * Reads the breaks that are grouped into incidents, or from which states are judged. It filters by account
 * only, because the scope of an incident depends on all breaks of its account.
 *
 * @param outcomes - all when absent
 * @param purpose - states are judged from less than groups, so it is read in a third of the time
 * @throws `STORE_FAILED`
 */
export async function readHistory(
  range: TimeRange,
  account: Filters['account'],
  outcomes: Outcome[] | undefined,
  { store }: Pick<QueryContext, 'store'>,
  signal?: StopSignal,
  purpose: 'groups' | 'states' = 'groups',
): Promise<History> {
  const search = {
    range: { from: range.from - LOOK_BACK_MS, to: range.to },
    filters: { ...(account ? { account } : {}), ...(outcomes ? { outcome: outcomes } : {}) },
    ...(purpose === 'states' ? ({ endsOnly: true } as const) : { briefFacts: NEARBY_FACTS }),
    limit: PAGE,
  };
  const records: BreakRecord[] = [];
  const strip = purpose === 'states' ? undefined : createRecordStripper();
  signal?.throwIfAborted();
  for await (const page of breakPages(store, search)) {
    records.push(...(strip ? page.map(strip) : page));
    if (page.length === PAGE && records.length >= MAX_READ) {
      return { records, complete: false };
    }
    signal?.throwIfAborted();
  }
  return { records, complete: true };
}

/** Notice of an answer whose history is not complete. */
export const TRUNCATED_NOTICE = {
  severity: 'warning',
  text: `Only the newest ${MAX_READ} breaks were read. Narrow the time range or filter by account.`,
} as const;

/** More live pushes are not counted, to keep answers fast. */
const MAX_PUSHES = 200_000;

/** Where the live pushes of an account come from. */
interface PushSources extends Pick<QueryContext, 'pushesSince'> {
  store: Pick<QueryContext['store'], 'pushesDuring'>;
}

/**
 * Groups breaks into incidents, with the live pushes of each account where these are known.
 *
 * @param records - breaks of one or several accounts, in any order
 * @param now - epoch ms UTC; later events are ignored
 * @returns oldest first
 * @throws `STORE_FAILED`
 */
export async function groupHistory(
  records: readonly BreakRecord[],
  now: number,
  context: PushSources,
  signal?: StopSignal,
): Promise<GroupedIncident[]> {
  const incidents: GroupedIncident[] = [];
  for (const [account, ofAccount] of byAccount(records)) {
    const since = context.pushesSince?.(account) ?? null;
    // Only several streams can have a scope that depends on live pushes.
    const pushes =
      knowsPushes(ofAccount, since) && hasSeveralStreams(ofAccount)
        ? await pushesOf(account, spanOf(ofAccount, now), context)
        : null;
    signal?.throwIfAborted();
    incidents.push(
      ...findIncidents({ records: ofAccount, pushes: pushes && mergePushes(pushes, now), now }),
    );
  }
  return incidents.sort(compareStarts);
}

/** @returns null when there are more than {@link MAX_PUSHES} */
async function pushesOf(
  account: string,
  range: TimeRange,
  { store }: PushSources,
): Promise<Push[] | null> {
  const found = await store.pushesDuring({ range, account: [account], limit: MAX_PUSHES });
  return found.length < MAX_PUSHES ? found : null;
}

function byAccount(records: readonly BreakRecord[]): Map<string, BreakRecord[]> {
  const accounts = new Map<string, BreakRecord[]>();
  for (const record of records) {
    const known = accounts.get(record.event.account);
    if (known) {
      known.push(record);
    } else {
      accounts.set(record.event.account, [record]);
    }
  }
  return accounts;
}

function hasSeveralStreams(records: readonly BreakRecord[]): boolean {
  const [first] = records;
  return records.some(
    ({ event }) =>
      event.stream !== first?.event.stream ||
      event.domain !== first.event.domain ||
      event.app !== first.event.app,
  );
}

/** From `joinMs` before the first break to `joinMs` after the last one, but not after `now`. */
function spanOf(records: readonly BreakRecord[], now: number): TimeRange {
  let from = now;
  let to = 0;
  for (const { event } of records) {
    from = Math.min(from, event.endedAt);
    to = Math.max(to, event.endedAt);
  }
  const { joinMs } = INCIDENT_OPTIONS;
  return { from: from - joinMs, to: Math.min(now + 1, to + joinMs) };
}
