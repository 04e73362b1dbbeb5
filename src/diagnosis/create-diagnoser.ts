import type { Alternate, Diagnosis, RuleTexts, Verdict } from '../model/diagnosis.ts';
import type { Facts } from '../model/facts.ts';
import { renderDiagnosis } from '../model/render-diagnosis.ts';
import type { ReasonMatch } from '../reasons/match-reason.ts';
import { outcomeOf } from '../reasons/outcome-of.ts';
import { fallbackOf } from './fallback-rule.ts';
import { isMissing } from './is-missing.ts';
import { isIndependent, judgeConfidence } from './judge-confidence.ts';
import { missingFactsOf, readEvidence, supportOf } from './read-evidence.ts';
import { reasonsOfRule } from './reasons-of-rule.ts';
import type { LoadedRule, RuleSet } from './rule.ts';
import { createRunRules, type RuleOutcome, type RunRules } from './run-engine.ts';
import { leavesOf } from './walk-conditions.ts';

/** Judges events by one rule set. */
export interface Diagnoser {
  readonly ruleSet: RuleSet;
  /**
   * Diagnoses one event. Calls may overlap; they are answered one after the other.
   *
   * @param facts - all that is known, `reason` included
   * @param match - how the reason was found
   * @returns always a diagnosis; when no rule matches, that of `unknown/unrecognized`
   */
  diagnose(facts: Facts, match: ReasonMatch): Promise<Diagnosis>;
  /** The words of all rules that can win, for keeping with verdicts. */
  texts(): RuleTexts[];
  /** Rules that threw while judging, with how often and what they threw last. */
  faults(): RuleFault[];
}

/** A rule that could not be run for some event; it counted as not matching. */
export interface RuleFault {
  rule: string;
  count: number;
  message: string;
}

/** How a diagnoser works inside; the answers are the same either way. */
export interface DiagnoserOptions {
  /** False asks every rule about every event, as the reference alone would; for comparing. */
  index?: boolean;
}

/**
 * The order among matching rules: priority descending, then more comparisons, then id. The
 * reference's own order depends on the shape of the rules and is never used.
 */
export function compareRules(a: LoadedRule, b: LoadedRule): number {
  return (
    b.priority - a.priority ||
    leavesOf(b.conditions).length - leavesOf(a.conditions).length ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/** Sorts rules into one runner a reason, so that an event meets only rules that could match. */
function createRunners(rules: readonly LoadedRule[], index: boolean): (reason: string) => RunRules {
  const named = new Map<string, LoadedRule[]>();
  const general: LoadedRule[] = [];
  for (const rule of rules) {
    const reasons = index ? reasonsOfRule(rule) : undefined;
    if (!reasons) {
      general.push(rule);
    }
    for (const reason of reasons ?? []) {
      named.set(reason, [...(named.get(reason) ?? []), rule]);
    }
  }
  const runGeneral = createRunRules(general);
  const runners = new Map<string, RunRules>();
  return (reason) => {
    const ofReason = named.get(reason);
    if (!ofReason) {
      return runGeneral;
    }
    const known = runners.get(reason) ?? createRunRules([...ofReason, ...general]);
    runners.set(reason, known);
    return known;
  };
}

/** Creates a diagnoser over json-rules-engine. */
export function createDiagnoser(ruleSet: RuleSet, options: DiagnoserOptions = {}): Diagnoser {
  const rank = new Map(
    [...ruleSet.rules].sort(compareRules).map((rule, index) => [rule.id, index]),
  );
  const runnerFor = createRunners(ruleSet.rules, options.index ?? true);
  const fallback = fallbackOf(ruleSet);
  const faults = new Map<string, RuleFault>();
  // The reference loses results when two runs overlap on one engine, so each waits for the last.
  let last: Promise<unknown> = Promise.resolve();

  function rankOf(outcome: RuleOutcome): number {
    return rank.get(outcome.rule.id) ?? rank.size;
  }

  async function judge(facts: Facts, match: ReasonMatch): Promise<Diagnosis> {
    const run = await runnerFor(match.reason)(facts);
    for (const fault of run.faults) {
      const count = (faults.get(fault.rule)?.count ?? 0) + 1;
      faults.set(fault.rule, { ...fault, count });
    }
    const ranked = run.outcomes.sort((a, b) => rankOf(a) - rankOf(b));
    const winner = ranked.find((outcome) => outcome.matched);
    const rivals = winner ? ranked.slice(0, ranked.indexOf(winner)) : ranked;
    return conclude(facts, match, winner, rivals, ranked);
  }

  function conclude(
    facts: Facts,
    match: ReasonMatch,
    winner: RuleOutcome | undefined,
    /** Rules that would have won, had they matched. */
    rivals: readonly RuleOutcome[],
    ranked: readonly RuleOutcome[],
  ): Diagnosis {
    const rule = winner?.rule ?? fallback;
    const { params } = rule.event;
    const support = winner ? supportOf(winner.conditions, facts) : undefined;
    const nearMisses = rivals
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
    const verdict: Verdict = {
      reason: match.reason,
      category: rule.event.type,
      outcome: params.outcome ?? outcomeOf(match),
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
    return renderDiagnosis(verdict, params, facts);
  }

  return {
    ruleSet,
    diagnose(facts, match) {
      const snapshot = facts.reason === match.reason ? facts : { ...facts, reason: match.reason };
      const next = last.then(() => judge(snapshot, match));
      // A failure is its own caller's, never that of the next in line.
      last = next.catch(() => undefined);
      return next;
    },
    texts() {
      const rules = ruleSet.rules.includes(fallback) ? ruleSet.rules : [...ruleSet.rules, fallback];
      return rules.map(({ hash, event }) => ({
        ruleHash: hash,
        cause: event.params.cause,
        fix: event.params.fix,
      }));
    },
    faults: () => [...faults.values()],
  };
}
