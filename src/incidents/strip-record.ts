import { type BreakEvent, type BreakRecord, isQuiet } from '../model/break.ts';
import type { Verdict } from '../model/diagnosis.ts';

/** The only facts that grouping reads: how many nearby breaks were known when a break was diagnosed. */
export const NEARBY_FACTS = ['breaksOfNode5m', 'breaksOfClientIp5m', 'breaksOfDomain5m'] as const;
/** A cache with more entries than this is cleared. */
const MAX_CACHED = 20_000;
const NO_SOURCES: BreakEvent['sources'] = [];
/** All that remains of the sources of a break that was imported without notifying. */
const QUIET_SOURCES: BreakEvent['sources'] = [
  { source: 'file', key: '', receivedAt: 0, quiet: true },
];

/**
 * Removes from a break everything that grouping does not read: evidence, most facts, sources and the
 * words of CSS. Of the sources it keeps whether the break may notify. Everything that groups breaks into incidents must strip them with this function, or
 * two parts of the program find different causes for the same breaks.
 *
 * @returns a new record; stripping it again changes nothing
 */
export function stripRecord({ event, verdict }: BreakRecord): BreakRecord {
  return {
    verdict: { ...verdict, evidence: [], alternates: [], notChecked: [] },
    event: {
      ...event,
      outcome: verdict.outcome,
      reason: verdict.reason,
      code: null,
      reasonText: null,
      resolution: null,
      sequence: null,
      sources: isQuiet(event) ? QUIET_SOURCES : NO_SOURCES,
      facts: nearbyFacts(event.facts),
    },
  };
}

function nearbyFacts(facts: BreakEvent['facts']): BreakEvent['facts'] {
  const found: BreakEvent['facts'] = {};
  for (const name of NEARBY_FACTS) {
    const count = facts[name];
    if (typeof count === 'number') {
      // Two digits tell which break knew more of a storm, and leave few different objects to keep.
      found[name] = Number(count.toPrecision(2));
    }
  }
  return found;
}

/**
 * Creates a {@link stripRecord} that also shares equal parts between the records it returns. The
 * breaks of a storm differ only in time and stream, so tens of thousands of them fit into memory.
 */
export function createRecordStripper(): (record: BreakRecord) => BreakRecord {
  const verdicts = new Map<string, Verdict>();
  // The store shares the verdicts of brief records.
  const stripped = new WeakMap<Verdict, Verdict>();
  const texts = new Map<string, string>();
  const factSets = new Map<string, BreakEvent['facts']>();
  const text = <T extends string | null>(value: T): T =>
    value === null ? value : (cached(texts, value, value) as T);
  return (record) => {
    const { event, verdict } = stripRecord(record);
    let shared = stripped.get(record.verdict);
    if (shared === undefined) {
      shared = cached(verdicts, JSON.stringify(verdict), verdict);
      stripped.set(record.verdict, shared);
    }
    return {
      verdict: shared,
      event: {
        ...event,
        account: text(event.account),
        domain: text(event.domain),
        app: text(event.app),
        stream: text(event.stream),
        clientIp: text(event.clientIp),
        node: text(event.node),
        facts: cached(factSets, JSON.stringify(event.facts), event.facts),
      },
    };
  };
}

/** Returns the first value that was stored under a key, and stores this one when there is none. */
function cached<T>(cache: Map<string, T>, key: string, value: T): T {
  const known = cache.get(key);
  if (known !== undefined) {
    return known;
  }
  if (cache.size >= MAX_CACHED) {
    cache.clear();
  }
  cache.set(key, value);
  return value;
}
