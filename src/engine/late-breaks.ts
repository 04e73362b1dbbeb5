import { randomUUID } from 'node:crypto';
import { LATE_MS } from '../incidents/account-memory.ts';
import type { BreakRecord } from '../model/break.ts';
import { addGap, type UngroupedTime } from '../queries/incidents/stored-range.ts';
import type { DocumentText } from '../store/store.ts';

/**
 * Kind of the documents that tell which breaks of a batch came too late to be grouped. The transaction that
 * stores the breaks writes them, and the incident thread deletes them when its stored range has their gaps: a crash
 * between the two loses none.
 */
export const LATE_BREAKS = 'late-breaks';

/** The new breaks of a batch that came too late to be grouped: incidents of that time may be forgotten. */
export interface LateBreaks {
  /** Id of the document. */
  id: string;
  /** Gaps of each account, with breaks that are close together. */
  gaps: UngroupedTime[];
}

/**
 * Finds new breaks that came too late to be grouped.
 *
 * @param added - ids of the new ones
 * @param now - epoch ms UTC
 * @returns undefined when there are none
 */
export function findLateBreaks(
  records: readonly BreakRecord[],
  added: readonly string[],
  now: number,
): LateBreaks | undefined {
  const before = now - LATE_MS;
  const old = records.filter(
    ({ event, verdict }) => event.endedAt < before && verdict.outcome !== 'ended',
  );
  if (old.length === 0 || added.length === 0) {
    return undefined;
  }
  const isNew = new Set(added);
  const gaps = old
    .filter(({ event }) => isNew.has(event.id))
    .map(({ event: { account, endedAt } }) => ({ account, from: endedAt, to: endedAt }))
    .reduce(addGap, [] as UngroupedTime[]);
  return gaps.length > 0 ? { id: randomUUID(), gaps } : undefined;
}

/** @param now - epoch ms UTC */
export function documentOfLateBreaks({ id, gaps }: LateBreaks, now: number): DocumentText {
  const json = JSON.stringify(gaps);
  return { kind: LATE_BREAKS, id, account: '', at: now, open: true, json };
}
