import type { Chain, IncidentPast } from '../model/incident.ts';
import { addOutage } from './add-outage.ts';
import { addPast } from './add-past.ts';
import type { FoldContext } from './fold-context.ts';
import { later } from './incident-order.ts';
import { withFirstBreak } from './parts-of-past.ts';

/** Stretches of down time; an incident stores fewer turns than these make. */
const MAX_DOWN = 300;
/** The latest decisive breaks of one reason. */
export const MAX_LATEST = 100;

/**
 * Folds outages that are over into totals. The order of the outages of different streams changes
 * nothing; those of one stream come oldest first.
 *
 * @param chains - outages of one incident; at least one
 * @param pasts - totals of its earlier ones; they are not changed
 */
export function foldOutages(
  chains: readonly Chain[],
  pasts: readonly IncidentPast[],
  context: FoldContext,
): IncidentPast {
  const totals = emptyPast(chains[0] as Chain);
  for (const past of pasts) {
    addPast(totals, past);
  }
  for (const chain of chains) {
    addOutage(totals, chain, context);
  }
  tidy(totals);
  return totals;
}

/**
 * Joins totals of incidents that became one.
 *
 * @param pasts - at least one; they are not changed
 */
export function joinPasts(pasts: readonly IncidentPast[]): IncidentPast | null {
  const [first, ...others] = pasts;
  if (!first || others.length === 0) {
    return first ?? null;
  }
  const all = emptyPast(first.first);
  for (const past of pasts) {
    addPast(all, past);
  }
  tidy(all);
  return all;
}

function emptyPast(first: Chain): IncidentPast {
  return {
    outages: 0,
    breaks: 0,
    first: withFirstBreak(first),
    examples: [],
    streams: new Map(),
    updatedAt: 0,
    endedAt: Number.NEGATIVE_INFINITY,
    lostMs: 0,
    down: [],
    blockedAt: Number.POSITIVE_INFINITY,
    cuts: new Map(),
    causes: new Map(),
    reasons: new Map(),
    rules: new Map(),
    samples: new Map(),
    names: new Set(),
  };
}

/** Brings bounded lists into order and to their length. */
function tidy(past: IncidentPast): void {
  past.down = unionOf(past.down);
  past.down.splice(1, past.down.length - MAX_DOWN);
  for (const cause of past.causes.values()) {
    if (cause.latest.length > MAX_LATEST) {
      cause.latest.sort((a, b) => (later(a, b) === a ? 1 : -1));
      cause.latest.splice(0, cause.latest.length - MAX_LATEST);
    }
  }
  for (const rule of past.rules.values()) {
    for (const [group, moments] of rule.reached === null ? [] : rule.groups) {
      const kept = moments.filter((moment) => moment <= (rule.reached as number));
      if (kept.length === 0) {
        rule.groups.delete(group);
      } else if (kept.length < moments.length) {
        rule.groups.set(group, kept);
      }
    }
  }
}

/** Joins stretches of time that overlap or touch. */
function unionOf(stretches: IncidentPast['down']): IncidentPast['down'] {
  stretches.sort((a, b) => a.from - b.from || a.to - b.to);
  const joined: IncidentPast['down'] = [];
  for (const { from, to } of stretches) {
    const last = joined.at(-1);
    if (last && from <= last.to) {
      last.to = Math.max(last.to, to);
    } else {
      joined.push({ from, to });
    }
  }
  return joined;
}
