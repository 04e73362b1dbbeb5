import { isDeepStrictEqual } from 'node:util';
import type { Diagnoser } from '../../diagnosis/run/index.ts';
import { INCIDENT_OPTIONS } from '../../incidents/options.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Verdict } from '../../model/diagnosis.ts';
import type { DerivedBatch, Store, ThreadStore, TimeRange } from '../../store/store.ts';
import type { RulesApplication, RulesApplied } from '../engine.ts';
import type { Deriver } from './deriver.ts';
import { reasonOf } from './matching/merge-observations.ts';

/** A place in the order of breaks: endedAt descending, then id descending. */
export interface BreakPlace {
  /** Epoch ms UTC. */
  endedAt: number;
  id: string;
}

/** A part of stored history to diagnose again. Plain data, so that it can be posted to a thread. */
export interface RediagnoseRequest {
  /** Compared with the break's `endedAt`. */
  range: TimeRange;
  /** Only breaks after this place. */
  after?: BreakPlace;
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
  next: BreakPlace | null;
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
  const records = await store.findBreaks({ range, filters: {}, limit, ...(after && { after }) });
  const changed: BreakRecord[] = [];
  for (const record of records) {
    if (openOnly && record.event.recoveredAt !== null) {
      continue;
    }
    const { event, verdict: before } = record;
    const match = reasonOf(event);
    const verdict = await diagnoser.judge(event.facts, match);
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

const DAY_MS = 86_400_000;
/** Breaks diagnosed again between two batches; new callbacks wait for that many. */
const BATCH = 500;

/**
 * Diagnoses a part of history again by the deriver's current rules.
 *
 * @param at - now, epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function applyRules(
  { range, after, limit }: RulesApplication,
  { store, deriver }: { store: Pick<Store, 'series'>; deriver: Pick<Deriver, 'rediagnose'> },
  at: number,
): Promise<Omit<RulesApplied, 'ruleSet'>> {
  const total = after ? null : await countBreaks(store, range, at);
  const piece = await deriver.rediagnose({ range, limit, at, ...(after && { after }) });
  const { read, changed, next } = piece;
  return { read, changed, next, total };
}

/**
 * Diagnoses again, by the deriver's current rules, the breaks whose stream is still down. The rest
 * of history is left to {@link applyRules}.
 *
 * @param at - now, epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function rediagnoseOpen(
  deriver: Pick<Deriver, 'rediagnose'>,
  at: number,
): Promise<void> {
  const range = { from: at - INCIDENT_OPTIONS.giveUpMs, to: at + 1 };
  for (let after: BreakPlace | null | undefined; after !== null; ) {
    const request = { range, openOnly: true, limit: BATCH, at };
    const piece = await deriver.rediagnose({ ...request, ...(after && { after }) });
    after = piece.next;
  }
}

async function countBreaks(
  store: Pick<Store, 'series'>,
  range: TimeRange,
  now: number,
): Promise<number> {
  const search = { range, filters: {}, groupBy: [], stepMs: DAY_MS, limit: 1, now };
  const [all] = await store.series({ ...search, measure: 'count' });
  return [...(all?.points ?? [])].reduce((sum, count) => sum + count, 0);
}
