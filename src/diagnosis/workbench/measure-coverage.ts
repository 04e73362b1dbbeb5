import { printReasonCode } from '../../model/break.ts';

import { ALL_REASONS, type Reason, UNRECOGNIZED } from '../../reasons/reason-catalogue.ts';
import { factsOfLeaf, leavesOf, reasonsOfRule } from '../conditions.ts';
import type { LoadedRule, RuleSet, RuleTestInput } from '../rule.ts';
import { createDiagnoser, type Diagnoser } from '../run/create-diagnoser.ts';
import { FALLBACK_ID } from '../run/fallback-rule.ts';
import { type RuleTestOutcome, readTestInput } from '../run/rule-tests.ts';

/** How much of a kind has a rule of its own. */
export interface Covered {
  total: number;
  /** What only the fall-back answers. */
  missing: string[];
}

/** What the rules of a set know. */
export interface Coverage {
  reasons: Covered;
  /** Codes of CSS and of bypass live. */
  codes: Covered;
  /** Reason texts in all languages. */
  texts: Covered;
  /** Rules, and those that no test makes win. */
  rules: Covered;
  /** Reasons for which no rule looks at more than what CSS said. */
  baseOnly: string[];
}

/** Facts that are only other words for the reason. */
const SAME_AS_REASON = new Set([
  'reason',
  'code',
  'errcode',
  'subErrcode',
  'bypassCode',
  'reasonText',
]);

function looksFurther(rule: LoadedRule): boolean {
  return leavesOf(rule.conditions)
    .flatMap(factsOfLeaf)
    .some((name) => !SAME_AS_REASON.has(name));
}

async function isAnswered(diagnoser: Diagnoser, given: RuleTestInput): Promise<boolean> {
  const { facts, match } = readTestInput(given);
  return (await diagnoser.diagnose(facts, match)).rule.id !== FALLBACK_ID;
}

async function cover(
  diagnoser: Diagnoser,
  cases: readonly { name: string; given: RuleTestInput }[],
): Promise<Covered> {
  const missing: string[] = [];
  for (const { name, given } of cases) {
    if (!(await isAnswered(diagnoser, given))) {
      missing.push(name);
    }
  }
  return { total: cases.length, missing };
}

/** Rows of the catalogue tables, as events carry them. */
function codesOf(reason: Reason): { name: string; given: RuleTestInput }[] {
  return [
    ...reason.codes.map((code) => ({
      name: printReasonCode(code),
      given: { errcode: code.errcode, subErrcode: code.subErrcode ?? undefined },
    })),
    ...reason.bypassCodes.map((bypassCode) => ({
      name: String(bypassCode),
      given: { bypassCode },
    })),
  ];
}

/**
 * Measures what rules know: which reasons, codes and texts of the catalogues get an answer of their
 * own, and which rules a test proves.
 *
 * @param outcomes - of the tests inside the rules
 * @param isAsked - whether a rule has to be proven; all when absent
 */
export async function measureCoverage(
  ruleSet: RuleSet,
  outcomes: readonly RuleTestOutcome[],
  isAsked: (rule: LoadedRule) => boolean = () => true,
): Promise<Coverage> {
  const diagnoser = createDiagnoser(ruleSet);
  // What no catalogue knows is what the fall-back is for.
  const reasons = ALL_REASONS.filter(({ id }) => id !== UNRECOGNIZED);
  const texts = reasons.flatMap(({ texts: byLanguage }) => Object.values(byLanguage).flat());
  const asked = ruleSet.rules.filter(isAsked);
  const won = new Set(outcomes.map(({ winner }) => winner));
  const further = ruleSet.rules.filter(looksFurther);
  return {
    reasons: await cover(
      diagnoser,
      reasons.map(({ id }) => ({ name: id, given: { reason: id } })),
    ),
    codes: await cover(diagnoser, reasons.flatMap(codesOf)),
    texts: await cover(
      diagnoser,
      [...new Set(texts)].map((text) => ({ name: text, given: { text } })),
    ),
    rules: {
      total: asked.length,
      missing: asked.map(({ id }) => id).filter((id) => !won.has(id)),
    },
    baseOnly: reasons
      .map(({ id }) => id)
      .filter((id) => !further.some((rule) => reasonsOfRule(rule)?.has(id) ?? true)),
  };
}
