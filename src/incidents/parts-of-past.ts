import type { BreakRecord } from '../model/break.ts';
import type { Chain, IncidentPast, PastCause, PastRule, RuleCounts } from '../model/incident.ts';
import { compareStarts, later } from './incident-order.ts';

const MAX_EXAMPLES = 10;

/** Adds a break to counts by rule. */
export function countRule(rules: RuleCounts, record: BreakRecord, count = 1): void {
  const { id } = record.verdict.rule;
  const known = rules.get(id);
  if (known) {
    known.count += count;
    known.record = later(known.record, record);
  } else {
    rules.set(id, { count, record });
  }
}

/** Returns an outage with its first break alone. */
export function withFirstBreak(chain: Chain): Chain {
  return { ...chain, breaks: chain.breaks.slice(0, 1) };
}

/** Adds an outage to the first ones of its incident, one for each stream. */
export function addExample(past: IncidentPast, example: IncidentPast['examples'][number]): void {
  const { examples } = past;
  const known = examples.find(({ name }) => name === example.name);
  if (known) {
    if (compareStarts(example, known) < 0) {
      Object.assign(known, example);
      examples.sort(compareStarts);
    }
  } else if (
    examples.length < MAX_EXAMPLES ||
    compareStarts(example, examples.at(-1) as typeof example) < 0
  ) {
    examples.push({ ...example });
    examples.sort(compareStarts);
    examples.length = Math.min(examples.length, MAX_EXAMPLES);
  }
}

/** Creates the totals of a cause. */
export function newCause(causeKey: string, reason: string): PastCause {
  return { causeKey, reason, rules: new Map(), nearby: new Map(), latest: [] };
}

/** Creates the totals of a rule. */
export function newRule(rule: string, record: BreakRecord): PastRule {
  const { reason } = record.verdict;
  return { rule, reason, count: 0, record, reached: null, groups: new Map() };
}

/** Returns the earlier one of two moments, of which one or both may be missing. */
export function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Returns an entry of a map, which is created when it is missing. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) {
    return known;
  }
  const made = make();
  map.set(key, made);
  return made;
}
