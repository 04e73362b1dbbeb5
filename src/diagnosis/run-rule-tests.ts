import type { Facts } from '../model/facts.ts';
import { printReasonCode } from '../model/reason-code.ts';
import { matchReason, type ReasonMatch } from '../reasons/match-reason.ts';
import { createDiagnoser } from './create-diagnoser.ts';
import type { RuleSet, RuleTestInput } from './rule.ts';

/** An example beside a rule that does not hold. */
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

/**
 * Runs the tests that stand inside the rules, each against the whole set, because what matters is
 * which rule wins.
 *
 * @returns what does not hold; empty when all is well
 */
export async function runRuleTests(ruleSet: RuleSet): Promise<RuleTestFailure[]> {
  const diagnoser = createDiagnoser(ruleSet);
  const known = new Set(ruleSet.rules.map((rule) => rule.id));
  const failures: RuleTestFailure[] = [];
  for (const rule of ruleSet.rules) {
    for (const { name, given, expect } of rule.tests) {
      const match = matchOf(given);
      const diagnosis = await diagnoser.diagnose(factsOf(given, match), match);
      const winner = diagnosis.rule.id;
      const holds =
        expect === 'no-match'
          ? winner !== rule.id
          : winner === (expect === 'match' ? rule.id : expect);
      if (!holds) {
        const missing = expect.includes('/') && !known.has(expect) ? ', which does not exist' : '';
        failures.push({
          file: rule.file,
          rule: rule.id,
          test: name,
          expected: expect,
          winner,
          message: `${rule.file}: test "${name}" expects ${expect}${missing}, but ${winner} wins`,
        });
      }
    }
  }
  return failures;
}
