import type { Facts } from '../../model/facts.ts';
import type { Candidate } from '../compile/compile-rules.ts';
import { leavesOf } from '../conditions.ts';
import type { LoadedRule } from '../rule.ts';
import { requiredLeaves } from './near-miss.ts';
import { isMissing } from './read-evidence.ts';
import type { RunnableRule } from './run-outcome.ts';

type Near = Candidate<RunnableRule>;

/** Rules that each need one value of the same fact. */
interface Group {
  fact: string;
  byValue: Map<unknown, Near[]>;
  all: Near[];
}

/** Fewer rules are tested faster than they are selected. */
const FEWEST = 16;

/** Whether a comparison may throw, so that a rule with it is a fault and must always run. */
function mayThrow({ conditions }: LoadedRule): boolean {
  return leavesOf(conditions).some(
    ({ value }) => typeof value === 'object' && !Array.isArray(value),
  );
}

/** The value of a fact without which a rule can neither match nor be a near miss. */
function requirementOf(rule: LoadedRule): { fact: string; value: unknown } | undefined {
  return mayThrow(rule)
    ? undefined
    : requiredLeaves(rule).find(
        ({ operator, value }) => operator === 'equal' && typeof value !== 'object',
      );
}

function group(candidates: readonly Near[]): { rest: Near[]; groups: Group[] } {
  const rest: Near[] = [];
  const groups = new Map<string, Group>();
  for (const candidate of candidates) {
    const required = requirementOf(candidate.rule.rule.rule);
    if (!required) {
      rest.push(candidate);
      continue;
    }
    const { fact, value } = required;
    const found = groups.get(fact) ?? { fact, byValue: new Map<unknown, Near[]>(), all: [] };
    groups.set(fact, found);
    found.all.push(candidate);
    const same = found.byValue.get(value) ?? [];
    found.byValue.set(value, same);
    same.push(candidate);
  }
  return { rest, groups: [...groups.values()] };
}

/**
 * Creates a function that leaves out the rules that need another value of a known fact: they neither match nor miss
 * narrowly. A team with a rule for each of thousands of customers has hundreds for each reason.
 *
 * @returns selects from candidates in the order of winning, and keeps that order
 */
export function createSelectNear(): (candidates: readonly Near[], facts: Facts) => readonly Near[] {
  /** Each list of candidates is that of one bucket of the index, which never changes. */
  const known = new Map<readonly Near[], ReturnType<typeof group>>();
  return (candidates, facts) => {
    if (candidates.length < FEWEST) {
      return candidates;
    }
    const grouped = known.get(candidates) ?? group(candidates);
    known.set(candidates, grouped);
    const selected = [...grouped.rest];
    for (const { fact, byValue, all } of grouped.groups) {
      const near = isMissing(fact, facts)
        ? all
        : Object.hasOwn(facts, fact)
          ? byValue.get(facts[fact])
          : undefined;
      selected.push(...(near ?? []));
    }
    return selected.sort((a, b) => a.rule.rank - b.rule.rank);
  };
}
