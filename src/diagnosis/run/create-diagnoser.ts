import type { Alternate, Diagnosis, RuleTexts, Verdict } from '../../model/diagnosis.ts';
import type { Facts } from '../../model/facts.ts';
import { renderDiagnosis } from '../../model/render-template.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import { outcomeOf } from '../../reasons/outcome-of.ts';
import { factsOfLeaf, leavesOf } from '../conditions.ts';
import type { LoadedRule, RuleSet } from '../rule.ts';
import { fallbackOf } from './fallback-rule.ts';
import { isIndependent, judgeConfidence } from './judge-confidence.ts';
import { isMissing, missingFactsOf, readEvidence, supportOf } from './read-evidence.ts';
import { createRunRules, type RuleOutcome, type RunRules } from './run-rules.ts';

export { compareRules } from '../conditions.ts';

/** Judges events by one rule set. */
export interface Diagnoser {
  readonly ruleSet: RuleSet;
  /**
   * Diagnoses one event. Calls may overlap.
   *
   * @param facts - all that is known, `reason` included
   * @param match - how the reason was found
   * @returns always a diagnosis; when no rule matches, that of `unknown/unrecognized`
   */
  diagnose(facts: Facts, match: ReasonMatch): Promise<Diagnosis>;
  /**
   * Judges one event without putting its words together, which whoever keeps the verdict does not
   * need.
   */
  judge(facts: Facts, match: ReasonMatch): Promise<Verdict>;
  /** The words of all rules that can win, for keeping with verdicts. */
  texts(): RuleTexts[];
  /** Rules that threw while judging, by id, with how often and what they threw last. */
  faults(): RuleFault[];
}

/** A rule that could not be run for some event; it counted as not matching. */
export interface RuleFault {
  rule: string;
  count: number;
  message: string;
}

/** How long the push had been live, ms; undefined when nobody knows. */
function durationOf({ durationMs }: Facts): number | undefined {
  return typeof durationMs === 'number' ? durationMs : undefined;
}

/** How a diagnoser works inside; the answers are the same either way. */
export interface DiagnoserOptions {
  /** False asks every rule about every event; for comparing. */
  index?: boolean;
  /** Runs the rules of the set in another way, such as on json-rules-engine; for comparing. */
  run?: RunRules;
}

/** Creates a diagnoser over the compiled rules of a set. */
export function createDiagnoser(ruleSet: RuleSet, options: DiagnoserOptions = {}): Diagnoser {
  const run = options.run ?? createRunRules(ruleSet.rules, options.index ?? true);
  const fallback = fallbackOf(ruleSet);
  const faults = new Map<string, RuleFault>();
  const factsOf = new Map(
    ruleSet.rules.map((rule) => [rule.id, leavesOf(rule.conditions).flatMap(factsOfLeaf)]),
  );

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

  /** Most rules know all their facts, and then there is no need to look at each condition. */
  function missesFacts({ rule }: RuleOutcome, facts: Facts): boolean {
    return factsOf.get(rule.id)?.some((name) => isMissing(name, facts)) ?? false;
  }

  function conclude(
    facts: Facts,
    match: ReasonMatch,
    winner: RuleOutcome | undefined,
    /** Rules that would have won, had they matched. */
    rivals: readonly RuleOutcome[],
    ranked: readonly RuleOutcome[],
  ): Verdict {
    const rule = winner?.rule ?? fallback;
    const { params } = rule.event;
    const support = winner ? supportOf(winner.conditions, facts) : undefined;
    const nearMisses = rivals
      .filter((rival) => missesFacts(rival, facts))
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
      severity: params.severity,
      side: params.side,
      retry: params.retry,
      runbook: params.runbook,
      rule: { id: rule.id, hash: rule.hash, file: rule.file, name: rule.name },
      ruleSet: ruleSet.hash,
      ...judgeConfidence(match, support, params),
      evidence: readEvidence(support ?? [], params.evidence, facts),
      notChecked: [...new Set([...wanted, ...nearMisses.flatMap(({ missing }) => missing)])],
      alternates: [
        ...match.alternates.map((id): Alternate => ({ id, kind: 'reason', missing: [] })),
        ...losers.map(
          ({ rule: other }): Alternate => ({ id: other.id, kind: 'rule', missing: [] }),
        ),
        ...nearMisses.map(
          ({ rule: other, missing }): Alternate => ({ id: other.id, kind: 'rule', missing }),
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
    texts() {
      const rules = ruleSet.rules.includes(fallback) ? ruleSet.rules : [...ruleSet.rules, fallback];
      return rules.map(({ hash, event }) => ({
        ruleHash: hash,
        cause: event.params.cause,
        fix: event.params.fix,
      }));
    },
    faults: () => [...faults.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}
