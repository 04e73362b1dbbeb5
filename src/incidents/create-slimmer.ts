import type { BreakEvent } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { Verdict } from '../model/diagnosis.ts';

const NOTHING: BreakEvent['sources'] = [];
/** Facts that grouping looks at: how much of a storm could be seen when a break was judged. */
export const NEARBY_FACTS = ['breaksOfNode5m', 'breaksOfClientIp5m', 'breaksOfDomain5m'] as const;
/** More different verdicts and texts than this are not remembered. */
const MAX_KEPT = 200_000;

/**
 * Makes what takes from breaks all that grouping does not look at: most facts, sources, evidence and
 * CSS's own words. Breaks of a storm differ in little but time and stream: what is equal is kept once, so
 * that tens of thousands of them fit into the memory.
 */
export function createSlimmer(): (record: BreakRecord) => BreakRecord {
  const verdicts = new Map<string, Verdict>();
  const texts = new Map<string, string>();
  const surroundings = new Map<string, BreakEvent['facts']>();
  const factsOf = ({ facts }: BreakEvent): BreakEvent['facts'] => {
    const found = NEARBY_FACTS.flatMap((name) => {
      const count = facts[name];
      // Two digits are enough to tell who saw more, and leave few sets to be kept.
      return typeof count === 'number' ? [[name, Number(count.toPrecision(2))] as const] : [];
    });
    const key = found.join();
    let known = surroundings.get(key);
    if (!known) {
      if (surroundings.size >= MAX_KEPT) {
        surroundings.clear();
      }
      known = Object.fromEntries(found);
      surroundings.set(key, known);
    }
    return known;
  };
  const once = <T extends string | null>(text: T): T => {
    if (text === null) {
      return text;
    }
    const known = texts.get(text);
    if (known === undefined) {
      if (texts.size >= MAX_KEPT) {
        texts.clear();
      }
      texts.set(text, text);
      return text;
    }
    return known as T;
  };
  return ({ event, verdict: { evidence: _evidence, ...verdict } }) => {
    const key = JSON.stringify(verdict);
    let known = verdicts.get(key);
    if (!known) {
      known = { ...verdict, evidence: [] };
      if (verdicts.size >= MAX_KEPT) {
        verdicts.clear();
      }
      verdicts.set(key, known);
    }
    return {
      verdict: known,
      event: {
        ...event,
        account: once(event.account),
        domain: once(event.domain),
        app: once(event.app),
        stream: once(event.stream),
        outcome: known.outcome,
        reason: known.reason,
        code: null,
        reasonText: null,
        clientIp: once(event.clientIp),
        node: once(event.node),
        resolution: null,
        sequence: null,
        sources: NOTHING,
        facts: factsOf(event),
      },
    };
  };
}
