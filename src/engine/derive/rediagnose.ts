import { isDeepStrictEqual } from 'node:util';
import type { Diagnoser } from '../../diagnosis/create-diagnoser.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import type { Verdict } from '../../model/diagnosis.ts';
import type { DerivedBatch, DerivingStore, TimeRange } from '../../store/store.ts';
import { reasonOf } from './merge-observations.ts';

/** A place in the order of breaks: endedAt descending, then id descending. */
export interface BreakPlace {
  /** Epoch ms UTC. */
  endedAt: number;
  id: string;
}

/** A piece of stored history to judge anew. Plain data, so that it can travel to another thread. */
export interface RediagnoseRequest {
  /** Held against the break's endedAt. */
  range: TimeRange;
  /** Only breaks after this place. */
  after?: BreakPlace;
  /** Only breaks whose stream has not come back. */
  openOnly?: boolean;
  /** Breaks at most; those waiting behind it wait for all of them. */
  limit: number;
  /** When this is done, epoch ms UTC; stands with the verdicts that are replaced. */
  at: number;
}

/** What became of a piece. */
export interface Rediagnosed {
  /** Breaks looked at. */
  read: number;
  /** Those about which something else is concluded now, as they are stored. */
  changed: BreakRecord[];
  /** Where the next piece begins; null at the end of the range. */
  next: BreakPlace | null;
}

/**
 * Judges stored breaks by the rules in force, each from the facts that were kept with it, and stores
 * what changed; what was concluded before is kept. A break about which the same rule says the same
 * stays as it is, so doing it twice changes nothing.
 *
 * @throws `STORE_FAILED`
 */
export async function rediagnose(
  { range, after, openOnly = false, limit, at }: RediagnoseRequest,
  { store, diagnoser }: { store: DerivingStore; diagnoser: Diagnoser },
): Promise<Rediagnosed> {
  const records = await store.findBreaks({ range, filters: {}, limit, ...(after && { after }) });
  const changed: BreakRecord[] = [];
  for (const record of records) {
    if (openOnly && record.event.recoveredAt !== null) {
      continue;
    }
    const { event, verdict: before } = record;
    const match = reasonOf(event);
    const verdict = await diagnoser.judge(event.facts, match);
    if (!saysTheSame(before, verdict)) {
      const { outcome, reason } = verdict;
      changed.push({ event: { ...event, outcome, reason }, verdict });
    }
  }
  if (changed.length > 0) {
    const batch: DerivedBatch = {
      breaks: changed,
      removed: [],
      pushes: [],
      // The journal is not read here, so its cursor stays; the store never moves it back.
      cursor: 0,
      supersedes: { ids: changed.map(({ event }) => event.id), at },
    };
    await store.commit(batch);
  }
  const last = records.at(-1)?.event;
  return {
    read: records.length,
    changed,
    next: last && records.length === limit ? { endedAt: last.endedAt, id: last.id } : null,
  };
}

/**
 * The hash of the whole set changes with any of its rules, which is no news about this break.
 *
 * @param before - as it came from the store
 */
function saysTheSame(before: Verdict, now: Verdict): boolean {
  // A field that is there but undefined is not kept, so it must not count as a difference.
  const asStored = JSON.parse(JSON.stringify(now)) as Verdict;
  return isDeepStrictEqual({ ...before, ruleSet: '' }, { ...asStored, ruleSet: '' });
}
