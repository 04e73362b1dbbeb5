import { printReasonCode } from '../../model/break.ts';
import { findFact } from '../../model/fact-catalogue.ts';
import type { Facts } from '../../model/facts.ts';
import { matchReason, type ReasonMatch, setTeamCatalogue } from '../../reasons/match-reason.ts';
import { timeOf } from '../operators/time-window.ts';
import type { LoadedRule, RuleSet, RuleTestInput } from '../rule.ts';
import { fallbackOf } from './fallback-rule.ts';
import { createFindWinner } from './run-rules.ts';
import type { IsTouched } from './touched-tests.ts';

/** Finds the reason of a test's event: by code or text as in production, or given by its id. */
function matchOf({ reason, errcode, subErrcode, text, bypassCode }: RuleTestInput): ReasonMatch {
  if (typeof reason !== 'string') {
    return matchReason({ errcode, subErrcode, text, bypassCode });
  }
  return {
    reason,
    by: 'code',
    code: errcode === undefined ? null : { errcode, subErrcode: subErrcode ?? null },
    bypassCode: bypassCode ?? null,
    ground: 'specific-code',
    alternates: [],
  };
}

/** Whether a fact is epoch ms, which a test gives in ISO 8601. */
function isTimeAsNumber(name: string): boolean {
  const fact = findFact(name);
  return fact?.format === 'time' && fact.type === 'number';
}

/** The facts of the event itself. Facts given by the test override them. */
function factsOf({ text, ...given }: RuleTestInput, match: ReasonMatch): Facts {
  const facts: Facts = { reason: match.reason };
  if (match.code) {
    facts.code = printReasonCode(match.code);
    facts.errcode = match.code.errcode;
    if (match.code.subErrcode !== null) {
      facts.subErrcode = match.code.subErrcode;
    }
  }
  if (match.bypassCode !== null) {
    facts.bypassCode = match.bypassCode;
  }
  if (text !== undefined) {
    facts.reasonText = text;
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) {
      facts[name] = isTimeAsNumber(name) ? (timeOf(value) ?? value) : value;
    }
  }
  return facts;
}

/** Converts the input of a rule's test into the input of a diagnosis. */
export function readTestInput(given: RuleTestInput): { facts: Facts; match: ReasonMatch } {
  const match = matchOf(given);
  return { facts: factsOf(given, match), match };
}

/** The result of one test inside a rule. */
export interface RuleTestOutcome {
  rule: LoadedRule;
  /** Index of the test in its rule. */
  index: number;
  name: string;
  expected: string;
  /** Id of the rule that won. */
  winner: string;
  holds: boolean;
}

/** A test inside a rule that fails. */
export interface RuleTestFailure {
  /** Path of the rule in its rules folder. */
  file: string;
  rule: string;
  /** Name of the test. */
  test: string;
  expected: string;
  /** Id of the rule that won. */
  winner: string;
  message: string;
}

/**
 * Runs the tests inside the rules. Each runs against the whole set, because a test states which rule wins.
 *
 * @param isTouched - selects the tests to run; all of them when absent
 * @returns their results, in the order of the rules
 */
export function judgeRuleTests(ruleSet: RuleSet, isTouched?: IsTouched): RuleTestOutcome[] {
  // The set may not be in force yet, so the catalogue of this thread is put back afterwards.
  const before = setTeamCatalogue(ruleSet.catalogue);
  try {
    return judgeTests(ruleSet, isTouched);
  } finally {
    setTeamCatalogue(before);
  }
}

function judgeTests(ruleSet: RuleSet, isTouched?: IsTouched): RuleTestOutcome[] {
  const findWinner = createFindWinner(ruleSet.rules);
  const fallback = fallbackOf(ruleSet);
  const outcomes: RuleTestOutcome[] = [];
  for (const rule of ruleSet.rules) {
    for (const [index, { name, given, expect }] of rule.tests.entries()) {
      const { facts: ofEvent, match } = readTestInput(given);
      const facts = { ...ofEvent, reason: match.reason };
      if (isTouched && !isTouched(rule, facts)) {
        continue;
      }
      const winner = (findWinner(facts) ?? fallback).id;
      const holds =
        expect === 'no-match'
          ? winner !== rule.id
          : winner === (expect === 'match' ? rule.id : expect);
      outcomes.push({ rule, index, name, expected: expect, winner, holds });
    }
  }
  return outcomes;
}

/** Explains in one line why a test fails. */
export function explainTestFailure(outcome: RuleTestOutcome, ruleSet: RuleSet): string {
  const { name, expected, winner } = outcome;
  const missing =
    expected.includes('/') && !ruleSet.rules.some(({ id }) => id === expected)
      ? ', which does not exist'
      : '';
  return `test "${name}" expects ${expected}${missing}, but ${winner} wins`;
}

/**
 * Runs the tests inside the rules.
 *
 * @returns the tests that fail
 */
export function runRuleTests(ruleSet: RuleSet): RuleTestFailure[] {
  const outcomes = judgeRuleTests(ruleSet);
  return outcomes
    .filter(({ holds }) => !holds)
    .map((outcome) => ({
      file: outcome.rule.file,
      rule: outcome.rule.id,
      test: outcome.name,
      expected: outcome.expected,
      winner: outcome.winner,
      message: `${outcome.rule.file}: ${explainTestFailure(outcome, ruleSet)}`,
    }));
}
