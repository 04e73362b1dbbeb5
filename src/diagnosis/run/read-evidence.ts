import type { Evidence, Expectation } from '../../model/diagnosis.ts';
import { FACT_CATALOGUE } from '../../model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../model/facts.ts';
import { childrenOf, factsOfLeaf } from '../conditions.ts';
import type { Leaf } from '../rule.ts';
import type { JudgedCondition } from './run-rules.ts';

function has(facts: Facts, name: string): boolean {
  return Object.hasOwn(facts, name);
}

/** The history of the stream was read, so what it does not tell of did not happen. */
function historyKnown(facts: Facts): boolean {
  return has(facts, 'breaksOfStream10m');
}

/** Facts whose absence can itself be known, and when it is. */
const KNOWN_ABSENT: Record<string, (facts: Facts) => boolean> = {
  previousReason: historyKnown,
  previousCategory: historyKnown,
  secondsSincePreviousBreak: historyKnown,
  txTime: (facts) => facts.txTimePresent === false,
  txTimeUnreadable: (facts) => has(facts, 'txTimePresent'),
  secondsPastExpiry: (facts) => facts.txTimePresent === false,
  secondsPastExpiryAtBreak: (facts) => facts.txTimePresent === false,
  txSecretMatches: (facts) => facts.txSecretPresent === false,
  // An event is either one of CSS or one of bypass live.
  bypassCode: (facts) => has(facts, 'errcode') || has(facts, 'reasonText'),
  code: (facts) => has(facts, 'bypassCode'),
  errcode: (facts) => has(facts, 'bypassCode'),
  subErrcode: (facts) => has(facts, 'bypassCode') || !SUB_CODED.has(facts.errcode as number),
  reasonText: (facts) => has(facts, 'code') || has(facts, 'bypassCode'),
};

/** errcodes that have sub codes. */
const SUB_CODED = new Set([18, 21]);

/**
 * Tells whether a fact was wanted and nobody knew it. A fact that is absent because there is
 * nothing to know (no earlier break, no txTime in the URL) was checked.
 */
export function isMissing(name: string, facts: Facts): boolean {
  return !has(facts, name) && !(Object.hasOwn(KNOWN_ABSENT, name) && KNOWN_ABSENT[name]?.(facts));
}

const units = new Map(FACT_CATALOGUE.map((fact) => [fact.name, fact.unit]));

/** A comparison that made the rule match, over a fact that was known. */
export interface Support {
  leaf: Leaf;
  /** True when the rule matched because the comparison failed, below a `not`. */
  negated: boolean;
}

/** Comparisons over known facts that made a group come out as `wanted`. */
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

/** What a comparison expects, with the value of the other fact when it names one. */
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

/** What CSS itself said; it speaks for every diagnosis. */
const OWN_WORDS = ['code', 'bypassCode', 'reasonText'];

/**
 * The facts that speak for a rule: first those that its conditions compared, then those that it
 * wants shown, then CSS's own code and words. Each fact once, only facts that are known.
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
  for (const name of [...wanted, ...OWN_WORDS]) {
    if (Object.hasOwn(facts, name) && !found.has(name)) {
      found.set(name, evidence(name, facts));
    }
  }
  return [...found.values()];
}

/**
 * Facts that a rule which did not match would have needed. Empty when it would not have matched
 * whatever they are, so only real near misses count.
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
      // No result: the reference skipped it, because others of a higher priority had decided.
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
