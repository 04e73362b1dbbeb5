import type { Alternate, Diagnosis, RuleTexts, Verdict } from '../../model/diagnosis.ts';
import type { Facts } from '../../model/facts.ts';
import { renderDiagnosis } from '../../model/render-template.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import { outcomeOf } from '../../reasons/outcome-of.ts';
import type { LoadedRule, RuleSet } from '../rule.ts';
import { fallbackOf } from './fallback-rule.ts';
import {
  isContradicted,
  isIndependent,
  judgeConfidence,
  SAMPLE_FACTS,
} from './judge-confidence.ts';
import { otherReasons } from './other-reasons.ts';
import { isMissing, missingFactsOf, readEvidence, supportOf } from './read-evidence.ts';
import type { RuleOutcome, RunRules } from './run-outcome.ts';
import { createRunRules, PreparedRules } from './run-rules.ts';

/** Diagnoses events with one rule set. */
export interface Diagnoser {
  readonly ruleSet: RuleSet;
  /**
   * Diagnoses one event. Calls may overlap.
   *
   * @param facts - all known facts, including `reason`
   * @param match - how the reason was found
   * @returns always a diagnosis; that of `unknown/unrecognized` when no rule matches
   */
  diagnose(facts: Facts, match: ReasonMatch): Promise<Diagnosis>;
  /**
   * Diagnoses one event without rendering its texts. Stored verdicts need no texts.
   */
  judge(facts: Facts, match: ReasonMatch): Promise<Verdict>;
  /** The texts of all rules that can win, to store with the verdicts. */
  texts(): RuleTexts[];
  /** Rules that threw, sorted by id, with the number of errors and the last message. */
  faults(): RuleFault[];
}

/** A rule that threw on some events. It counted as not matching. */
interface RuleFault {
  rule: string;
  count: number;
  message: string;
}

/** How long the push was live, in ms; undefined when unknown. */
function durationOf({ durationMs }: Facts): number | undefined {
  return typeof durationMs === 'number' ? durationMs : undefined;
}

/** Internals of a diagnoser. They do not change its answers. */
export interface DiagnoserOptions {
  /** False tests every rule on every event; for comparisons. */
  index?: boolean;
  /** Runs the rules with another implementation, such as json-rules-engine; for comparisons. */
  run?: RunRules;
  /** From an earlier diagnoser: the rules that are the same objects are not prepared again. */
  prepared?: PreparedRules;
}

/** The texts of all rules of a set that can win. */
export function textsOf(ruleSet: RuleSet): RuleTexts[] {
  const fallback = fallbackOf(ruleSet);
  const rules = ruleSet.rules.includes(fallback) ? ruleSet.rules : [...ruleSet.rules, fallback];
  return rules.map(({ hash, event }) => ({
    ruleHash: hash,
    cause: event.params.cause,
    fix: event.params.fix,
  }));
}

/** Creates a diagnoser that runs the compiled rules of a set. */
export function createDiagnoser(ruleSet: RuleSet, options: DiagnoserOptions = {}): Diagnoser {
  const { index = true, prepared = new PreparedRules() } = options;
  const run = options.run ?? createRunRules(ruleSet.rules, index, index, prepared);
  const fallback = fallbackOf(ruleSet);
  const faults = new Map<string, RuleFault>();

  async function judge(
    given: Facts,
    match: ReasonMatch,
  ): Promise<{ verdict: Verdict; rule: LoadedRule; facts: Facts }> {
    const facts = given.reason === match.reason ? given : { ...given, reason: match.reason };
    const { outcomes, faults: found } = await run(facts);
    for (const fault of found) {
      const count = (faults.get(fault.rule)?.count ?? 0) + 1;
      faults.set(fault.rule, { ...fault, count });
    }
    const winner = outcomes.find((outcome) => outcome.matched);
    const rivals = winner ? outcomes.slice(0, outcomes.indexOf(winner)) : outcomes;
    const verdict = conclude(facts, match, winner, rivals, outcomes);
    return { verdict, rule: winner?.rule ?? fallback, facts };
  }

  function conclude(
    facts: Facts,
    match: ReasonMatch,
    winner: RuleOutcome | undefined,
    /** Rules that would win over the winner if they matched. */
    rivals: readonly RuleOutcome[],
    ranked: readonly RuleOutcome[],
  ): Verdict {
    const rule = winner?.rule ?? fallback;
    const { params } = rule.event;
    const support = winner ? supportOf(winner.conditions, facts) : undefined;
    const nearMisses = rivals
      .filter((rival) => prepared.couldMatch(rival.rule)(facts))
      .map((rival) => ({ rule: rival.rule, missing: missingFactsOf(rival.conditions, facts) }))
      .filter(({ missing }) => missing.length > 0);
    const losers = ranked.filter(
      (outcome) =>
        outcome.matched &&
        outcome !== winner &&
        outcome.rule.event.type !== rule.event.type &&
        supportOf(outcome.conditions, facts).some(isIndependent),
    );
    const wanted = params.evidence.filter((name) => isMissing(name, facts));
    return {
      reason: match.reason,
      category: rule.event.type,
      outcome: params.outcome ?? outcomeOf(match, durationOf(facts)),
      severity:
        // A text that only resembles a known one must not page as critical.
        match.ground === 'similar-text' && params.severity === 'critical'
          ? 'warning'
          : params.severity,
      side: params.side,
      retry: params.retry,
      runbook: params.runbook,
      rule: {
        id: rule.id,
        hash: rule.hash,
        file: rule.file,
        name: rule.name,
        ...(rule.patch && { patch: rule.patch }),
      },
      ruleSet: ruleSet.hash,
      ...judgeConfidence(match, support, params, facts),
      evidence: readEvidence(
        support ?? [],
        isContradicted(params, facts) ? [...params.evidence, ...SAMPLE_FACTS] : params.evidence,
        facts,
      ),
      notChecked: [...new Set([...wanted, ...nearMisses.flatMap(({ missing }) => missing)])],
      alternates: [
        ...otherReasons(match.alternates, facts).map(
          (id): Alternate => ({ id, kind: 'reason', missing: [] }),
        ),
        ...losers.map(
          ({ rule: other }): Alternate => ({
            id: other.id,
            kind: 'rule',
            hash: other.hash,
            missing: [],
          }),
        ),
        ...nearMisses.map(
          ({ rule: other, missing }): Alternate => ({
            id: other.id,
            kind: 'rule',
            hash: other.hash,
            missing,
          }),
        ),
      ],
    };
  }

  return {
    ruleSet,
    async diagnose(given, match) {
      const { verdict, rule, facts } = await judge(given, match);
      return renderDiagnosis(verdict, rule.event.params, facts);
    },
    async judge(facts, match) {
      return (await judge(facts, match)).verdict;
    },
    texts: () => textsOf(ruleSet),
    faults: () => [...faults.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}
