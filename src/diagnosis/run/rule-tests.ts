import { printReasonCode } from '../../model/break.ts';
import type { Facts } from '../../model/facts.ts';
import { matchReason, type ReasonMatch } from '../../reasons/match-reason.ts';
import type { LoadedRule, RuleSet, RuleTestInput } from '../rule.ts';
import { createDiagnoser } from './create-diagnoser.ts';

/** How the reason of a test's event is found: as in life, or given by name. */
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

/** What the event alone tells; the test's own facts lie over it. */
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
      facts[name] = value;
    }
  }
  return facts;
}

/** Turns what a rule's test gives into what a diagnosis takes. */
export function readTestInput(given: RuleTestInput): { facts: Facts; match: ReasonMatch } {
  const match = matchOf(given);
  return { facts: factsOf(given, match), match };
}

/** What became of one example beside a rule. */
export interface RuleTestOutcome {
  rule: LoadedRule;
  /** Place of the test within its rule. */
  index: number;
  name: string;
  expected: string;
  /** Id of the rule that won. */
  winner: string;
  holds: boolean;
}

/** An example beside the rule that does not hold. */
export interface RuleTestFailure {
  /** Path of the rule below its rules folder. */
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
 * Runs the tests that stand inside the rules, each against the whole set, because what matters is
 * which rule wins.
 *
 * @returns all of them, in the order of the rules
 */
export async function judgeRuleTests(ruleSet: RuleSet): Promise<RuleTestOutcome[]> {
  const diagnoser = createDiagnoser(ruleSet);
  const outcomes: RuleTestOutcome[] = [];
  for (const rule of ruleSet.rules) {
    for (const [index, { name, given, expect }] of rule.tests.entries()) {
      const { facts, match } = readTestInput(given);
      const winner = (await diagnoser.diagnose(facts, match)).rule.id;
      const holds =
        expect === 'no-match'
          ? winner !== rule.id
          : winner === (expect === 'match' ? rule.id : expect);
      outcomes.push({ rule, index, name, expected: expect, winner, holds });
    }
  }
  return outcomes;
}

/** Says in one line why a test does not hold. */
export function explainTestFailure(outcome: RuleTestOutcome, ruleSet: RuleSet): string {
  const { name, expected, winner } = outcome;
  const missing =
    expected.includes('/') && !ruleSet.rules.some(({ id }) => id === expected)
      ? ', which does not exist'
      : '';
  return `test "${name}" expects ${expected}${missing}, but ${winner} wins`;
}

/**
 * Runs the tests that stand inside the rules.
 *
 * @returns what does not hold; empty when all is well
 */
export async function runRuleTests(ruleSet: RuleSet): Promise<RuleTestFailure[]> {
  const outcomes = await judgeRuleTests(ruleSet);
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
