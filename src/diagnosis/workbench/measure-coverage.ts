import { printReasonCode } from '../../model/break.ts';
import { ALL_REASONS, type Reason, UNRECOGNIZED } from '../../reasons/reason-catalogue.ts';
import { factsOfLeaf, leavesOf, reasonsOfRule } from '../conditions.ts';
import type { LoadedRule, RuleSet, RuleTestInput } from '../rule.ts';
import { createDiagnoser, type Diagnoser } from '../run/create-diagnoser.ts';
import { FALLBACK_ID } from '../run/fallback-rule.ts';
import { type RuleTestOutcome, readTestInput } from '../run/rule-tests.ts';

/** How many items of a kind have a rule. */
export interface Covered {
  total: number;
  /** Items for which only the fallback rule matches. */
  missing: string[];
}

/** What the rules of a set cover. */
export interface Coverage {
  reasons: Covered;
  /** Codes of CSS and of bypass live. */
  codes: Covered;
  /** Reason texts in all languages. */
  texts: Covered;
  /** Rules; missing are those that win in no test. */
  rules: Covered;
  /** Reasons for which no rule reads more facts than CSS reported. */
  baseOnly: string[];
}

/** Facts that are just another form of the reason. */
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

/** The codes of a reason, as events contain them. */
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
 * Measures the coverage of rules: which reasons, codes and texts of the catalogues have a rule, and which
 * rules win in a test.
 *
 * @param outcomes - results of the tests inside the rules
 * @param isAsked - whether a rule needs a test; all do when absent
 */
export async function measureCoverage(
  ruleSet: RuleSet,
  outcomes: readonly RuleTestOutcome[],
  isAsked: (rule: LoadedRule) => boolean = () => true,
): Promise<Coverage> {
  const diagnoser = createDiagnoser(ruleSet);
  // The fallback rule is for what no catalogue has.
  const reasons = ALL_REASONS.filter(({ id }) => id !== UNRECOGNIZED);
  const texts = reasons.flatMap(({ texts: byLanguage }) => Object.values(byLanguage).flat());
  // A rule that a catalogue entry makes has no tests.
  const asked = ruleSet.rules.filter(
    (rule) => isAsked(rule) && !rule.file.startsWith('catalogues/'),
  );
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
