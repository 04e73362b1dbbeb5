import type { StreamKey } from '../../model/break-event.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import { FACT_CATALOGUE, STREAM_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import type { Push } from '../../model/push.ts';
import { outcomeOf } from '../../reasons/outcome-of.ts';
import { type MergedEvent, type Observation, reasonOf } from './merge-observations.ts';

/** One event in hand. */
export interface PendingEvent extends MergedEvent {
  /** The record as stored or as last derived; undefined for an event new in this batch. */
  record: BreakRecord | undefined;
  derived: Record<string, FactValue>;
  /** The verdict has to be reached again. */
  stale: boolean;
}

/** What is known of one stream around what arrived, and what becomes of it. */
export interface PendingStream {
  key: StreamKey;
  events: PendingEvent[];
  pushes: Push[];
  /** Ends that this batch brought. */
  arrived: Observation[];
  /** Records of events that are no more. */
  removed: BreakRecord[];
}

/** Facts that come with a message rather than from its surroundings, so a merge keeps them. */
const CARRIED_FACTS = new Set(
  FACT_CATALOGUE.filter((fact) => fact.source === 'pushUrl' || fact.name === 'mainlandChina').map(
    (fact) => fact.name,
  ),
);

function carriedFacts(facts: Facts): Record<string, FactValue> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => CARRIED_FACTS.has(name)));
}

/** A stored event, in hand. */
export function pendingStreamOf(record: BreakRecord): PendingEvent {
  const { outcome: _outcome, recoveredAt: _recoveredAt, facts, ...event } = record.event;
  return { ...event, record, derived: carriedFacts(facts), stale: false };
}

/**
 * Verdicts after this moment may lean on it: those within the counting window, and all up to the
 * next failure, for which it may be the break before.
 */
export function markFollowersStale(work: PendingStream, endedAt: number): void {
  let nextFailure = Infinity;
  for (const event of work.events) {
    if (event.endedAt > endedAt && event.endedAt < nextFailure && isFailure(event)) {
      nextFailure = event.endedAt;
    }
  }
  const until = Math.max(nextFailure, endedAt + STREAM_WINDOW_MS);
  for (const event of work.events) {
    event.stale ||= event.endedAt > endedAt && event.endedAt <= until;
  }
}

/** Normal ends do not count as breaks. An event not judged yet is taken by its reason alone. */
export function isFailure(work: PendingEvent): boolean {
  return (work.record?.event.outcome ?? outcomeOf(reasonOf(work))) !== 'ended';
}
