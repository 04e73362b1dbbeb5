import { compareStarts } from '../../incidents/incident-order.ts';
import { createRecordStripper } from '../../incidents/strip-record.ts';
import type { BreakRecord } from '../../model/break.ts';
import { type Incident, isOver, type StoredIncident } from '../../model/incident.ts';
import { groupHistory, LOOK_BACK_MS } from '../../queries/incidents/history.ts';
import type { UngroupedTime } from '../../queries/incidents/stored-range.ts';
import type { ThreadStore, TimeRange } from '../../store/store.ts';
import { idOfFounder, mergedIncident, toStoredIncident } from './incident-book.ts';
import { incidentBreaks } from './incident-breaks.ts';

/** A late break tells when its push began, and so when an outage before it was over: so far back, ms. */
const MARGIN_MS = 3_600_000;
/** A gap with more breaks around it stays: grouping them would delay alerts by more than half a second. */
const MAX_BREAKS = 20_000;
const MAX_DOCUMENTS = 10_000;

/** What a gap is filled from. */
export interface GapSources {
  store: ThreadStore;
  /** Since when the starts of an account's pushes are known, epoch ms UTC. */
  pushesSince: (account: string) => number | null;
  /** Whether the incident thread keeps an incident up to date. */
  isHeld: (id: string) => boolean;
  /** Epoch ms UTC. */
  now: number;
}

/** What came of filling a gap. */
export type FilledGap =
  | { changed: StoredIncident[] }
  /** `later`: an incident in it is not over. `too-large`: it cannot be filled. */
  | { left: 'later' | 'too-large' };

/**
 * Groups the breaks of a gap, as a query for its time does, so that the incidents can be stored and queries need not
 * group them again. An incident keeps its id; what one incident was and now belongs to another points to it. What the
 * incident thread holds stays: it has taken the late breaks too.
 *
 * @returns the incidents to store before the gap is removed
 * @throws `STORE_FAILED`
 */
export async function fillGap(
  { account, from, to }: UngroupedTime,
  { store, pushesSince, isHeld, now }: GapSources,
): Promise<FilledGap> {
  const only = account === null ? {} : { account: [account] };
  const range = { from: from - LOOK_BACK_MS, to: Math.min(now + 1, to + LOOK_BACK_MS) };
  const records = await readBreaks(store, range, only);
  const search = { kind: 'incident', ...only, overlaps: range, limit: MAX_DOCUMENTS };
  const documents = records && (await store.findDocuments(search));
  if (!documents || documents.length === MAX_DOCUMENTS) {
    return { left: 'too-large' };
  }
  const known = documents
    .map(({ body }) => body as StoredIncident)
    .filter(({ state }) => state !== 'gone');
  const upTo = range.to - 1;
  const found = await groupHistory(records, upTo, { store, pushesSince });
  const incidents = found.map((one) => one.summarize());
  const ownerOf = founders(known, incidents);
  const changed: StoredIncident[] = [];
  for (const incident of incidents) {
    const { startedAt, endedAt } = incident;
    if (startedAt > to || (endedAt !== null && endedAt < from - MARGIN_MS)) {
      continue;
    }
    const before = known.filter(({ id }) => ownerOf.get(id) === incident).sort(compareStarts);
    if (isHeld(incident.id) || before.some(({ id }) => isHeld(id))) {
      continue;
    }
    const id = before[0]?.id ?? incident.id;
    const stored = toStoredIncident({ ...incident, id }, upTo);
    if (!isOver(stored)) {
      return { left: 'later' };
    }
    const others = before.slice(1).map((other) => mergedIncident(other, id, now));
    changed.push(stored, ...others);
  }
  const orphans = known.filter(
    (one) =>
      !ownerOf.has(one.id) &&
      !isHeld(one.id) &&
      isOver(one) &&
      one.startedAt >= from &&
      one.startedAt <= to,
  );
  return { changed: [...changed, ...orphans.map((one) => mergedIncident(one, null, now))] };
}

/** @returns undefined when there are more than {@link MAX_BREAKS} */
async function readBreaks(
  store: ThreadStore,
  range: TimeRange,
  only: { account?: string[] },
): Promise<BreakRecord[] | undefined> {
  const records: BreakRecord[] = [];
  const strip = createRecordStripper();
  for await (const page of incidentBreaks(store, range, only)) {
    records.push(...page.map(strip));
    if (records.length > MAX_BREAKS) {
      return undefined;
    }
  }
  return records;
}

/** Finds which incident has the break that each known one is named after, by the known one's id. */
function founders(
  known: readonly StoredIncident[],
  incidents: readonly Incident[],
): Map<string, Incident> {
  const names = new Set(known.map(({ id }) => id));
  const owners = new Map<string, Incident>();
  for (const incident of incidents) {
    for (const { event } of incident.chains.flatMap(({ breaks }) => breaks)) {
      const id = idOfFounder(event.id);
      if (names.has(id)) {
        owners.set(id, incident);
      }
    }
  }
  return owners;
}
