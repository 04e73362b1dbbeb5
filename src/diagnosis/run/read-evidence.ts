import type { Evidence, Expectation } from '../../model/diagnosis.ts';
import { FACT_CATALOGUE } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import { childrenOf, factsOfLeaf } from '../conditions.ts';
import type { Leaf } from '../rule.ts';
import type { JudgedCondition } from './run-outcome.ts';

function has(facts: Facts, name: string): boolean {
  return Object.hasOwn(facts, name);
}

/** If the history of the stream was read, an absent fact means that nothing happened. */
function historyKnown(facts: Facts): boolean {
  return has(facts, 'breaksOfStream10m');
}

/** Facts that can be known to be absent, each with the check for that. */
const KNOWN_ABSENT: Record<string, (facts: Facts) => boolean> = {
  previousReason: historyKnown,
  previousCategory: historyKnown,
  secondsSincePreviousBreak: historyKnown,
  txTime: (facts) => facts.txTimePresent === false,
  txTimeUnreadable: (facts) => has(facts, 'txTimePresent'),
  pushUrlMisread: (facts) => has(facts, 'txTimePresent'),
  pushUrlMistake: (facts) => has(facts, 'txTimePresent'),
  secondsPastExpiry: (facts) => facts.txTimePresent === false,
  secondsPastExpiryAtBreak: (facts) => facts.txTimePresent === false,
  txSecretMatches: (facts) => facts.txSecretPresent === false,
  // An event comes either from CSS or from bypass live.
  bypassCode: (facts) => has(facts, 'errcode') || has(facts, 'reasonText'),
  code: (facts) => has(facts, 'bypassCode'),
  errcode: (facts) => has(facts, 'bypassCode'),
  subErrcode: (facts) => has(facts, 'bypassCode') || !SUB_CODED.has(facts.errcode as number),
  reasonText: (facts) => has(facts, 'code') || has(facts, 'bypassCode'),
};

/** The errcodes that have sub codes. */
const SUB_CODED = new Set([18, 21]);

/**
 * Whether the value of a fact is unknown. A fact that is known to be absent (no earlier break, no txTime
 * in the URL) is not missing.
 */
export function isMissing(name: string, facts: Facts): boolean {
  return !has(facts, name) && !(Object.hasOwn(KNOWN_ABSENT, name) && KNOWN_ABSENT[name]?.(facts));
}

const units = new Map(FACT_CATALOGUE.map((fact) => [fact.name, fact.unit]));

/** A comparison of a known fact that helped the rule to match. */
export interface Support {
  leaf: Leaf;
  /** True when the rule matched because the comparison failed, inside a `not`. */
  negated: boolean;
}

/** The comparisons of known facts that made the result of a condition equal to `wanted`. */
export function supportOf(condition: JudgedCondition, facts: Facts, wanted = true): Support[] {
  if ('not' in condition) {
    return supportOf(condition.not as JudgedCondition, facts, !wanted);
  }
  const children = childrenOf(condition) as JudgedCondition[] | undefined;
  if (children) {
    return children
      .filter((child) => (child.result === true) === wanted)
      .flatMap((child) => supportOf(child, facts, wanted));
  }
  const leaf = condition as Leaf;
  return factsOfLeaf(leaf).every((name) => Object.hasOwn(facts, name))
    ? [{ leaf, negated: !wanted }]
    : [];
}

/** What a comparison expects. If it names another fact, the value of that fact is included. */
export function expectationOf({ operator, value }: Leaf, facts: Facts): Expectation {
  const other = typeof value === 'object' && !Array.isArray(value) ? value.fact : undefined;
  return other !== undefined && Object.hasOwn(facts, other)
    ? { operator, value, otherValue: facts[other] as FactValue }
    : { operator, value };
}

function evidence(fact: string, facts: Facts, expected?: Expectation[]): Evidence {
  const unit = units.get(fact);
  return {
    fact,
    value: facts[fact] as Evidence['value'],
    ...(expected === undefined ? {} : { expected }),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** What CSS reported; evidence for every diagnosis. */
const CSS_FACTS = ['code', 'bypassCode', 'reasonText'];

/**
 * The evidence for a rule: first the facts that its conditions compared, then those in its `evidence`,
 * then the code and text of CSS. Each known fact once.
 *
 * @param wanted - names of the facts in the rule's `evidence`
 */
export function readEvidence(
  support: readonly Support[],
  wanted: readonly string[],
  facts: Facts,
): Evidence[] {
  const found = new Map<string, Evidence>();
  for (const { leaf, negated } of support) {
    const expected = expectationOf(leaf, facts);
    if (negated) {
      expected.operator = `not:${leaf.operator}`;
    }
    const before = found.get(leaf.fact)?.expected ?? [];
    found.set(leaf.fact, evidence(leaf.fact, facts, [...before, expected]));
  }
  for (const name of [...wanted, ...CSS_FACTS]) {
    if (Object.hasOwn(facts, name) && !found.has(name)) {
      found.set(name, evidence(name, facts));
    }
  }
  return [...found.values()];
}

/**
 * The missing facts with which a rule could have matched. Empty when no value of them would have made it
 * match, so that only real near misses count.
 */
export function missingFactsOf(condition: JudgedCondition, facts: Facts): string[] {
  const missing = new Set<string>();
  const judge = (part: JudgedCondition): boolean | undefined => {
    if ('not' in part) {
      const inner = judge(part.not as JudgedCondition);
      return inner === undefined ? undefined : !inner;
    }
    const children = childrenOf(part) as JudgedCondition[] | undefined;
    if (!children) {
      const unknown = factsOfLeaf(part as Leaf).filter((name) => isMissing(name, facts));
      for (const name of unknown) {
        missing.add(name);
      }
      // No result: it was skipped, because conditions of a higher priority had decided.
      return unknown.length > 0 ? undefined : part.result;
    }
    const judged = children.map(judge);
    const deciding = 'any' in part;
    if (judged.includes(deciding)) {
      return deciding;
    }
    return judged.includes(undefined) ? undefined : !deciding;
  };
  return judge(condition) === undefined ? [...missing] : [];
}
