import { isDeepStrictEqual } from 'node:util';
import type { Diagnoser } from '../../diagnosis/run/index.ts';
import type { BreakPosition, BreakRecord } from '../../model/break.ts';
import type { Verdict } from '../../model/diagnosis.ts';
import { factsWithEnd } from '../../model/facts.ts';
import type { DerivedBatch, ThreadStore, TimeRange } from '../../store/store.ts';
import { reasonOf } from './matching/merge-observations.ts';

/** A part of stored history to diagnose again. Plain data, so that it can be posted to a thread. */
export interface RediagnoseRequest {
  /** Compared with the break's `endedAt`. */
  range: TimeRange;
  /** Only breaks after this place. */
  after?: BreakPosition;
  /** Only breaks whose stream has not recovered. */
  openOnly?: boolean;
  /** Maximum number of breaks; new callbacks are derived only after all of them. */
  limit: number;
  /** Now, epoch ms UTC; stored with the verdicts that are replaced. */
  at: number;
}

/** The result of one part. */
export interface Rediagnosed {
  /** Breaks read. */
  read: number;
  /** Breaks whose verdict changed, as stored. */
  changed: BreakRecord[];
  /** Where the next part begins; null at the end of the range. */
  next: BreakPosition | null;
}

/**
 * Diagnoses stored breaks again by the current rules, each from the facts stored with it. Stores the
 * verdicts that changed and keeps the earlier ones as history. Running it twice changes nothing.
 *
 * @throws `STORE_FAILED`
 */
export async function rediagnose(
  { range, after, openOnly = false, limit, at }: RediagnoseRequest,
  { store, diagnoser }: { store: ThreadStore; diagnoser: Diagnoser },
): Promise<Rediagnosed> {
  const records = await store.findBreaks({
    range,
    filters: {},
    limit,
    ...(after && { after }),
    ...(openOnly && { isOpen: true }),
  });
  const changed: BreakRecord[] = [];
  for (const record of records) {
    const { event, verdict: before } = record;
    const match = reasonOf(event);
    const verdict = await diagnoser.judge(factsWithEnd(event.facts, event.endedAt), match);
    if (!isSameVerdict(before, verdict)) {
      const { outcome, reason } = verdict;
      changed.push({ event: { ...event, outcome, reason }, verdict });
    }
  }
  if (changed.length > 0) {
    const batch: DerivedBatch = {
      breaks: changed,
      removed: [],
      pushes: [],
      // The journal is not read here. The store never moves its cursor back, so 0 leaves it as it is.
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
 * Compares two verdicts without the hash of the rule set, which changes with every rule.
 *
 * @param before - as read from the store
 */
function isSameVerdict(before: Verdict, now: Verdict): boolean {
  // The store drops fields that are undefined, so they must not count as a difference.
  const asStored = JSON.parse(JSON.stringify(now)) as Verdict;
  return isDeepStrictEqual({ ...before, ruleSet: '' }, { ...asStored, ruleSet: '' });
}
