import type { Facts } from '../../model/facts.ts';
import { type CompiledRule, compileRules } from '../compile/compile-rules.ts';
import { reasonsOfRule } from '../conditions.ts';
import type { Condition, LoadedRule } from '../rule.ts';

/** A condition tree with what was found; parts that were not looked at have no result. */
export type JudgedCondition = Condition & { result?: boolean };

/** What one rule said to one event. */
export interface RuleOutcome {
  rule: LoadedRule;
  matched: boolean;
  conditions: JudgedCondition;
}

/** What one run found; rules that threw are in `faults` and count as not matched. */
export interface RunOutcome {
  /** The best rule first. */
  outcomes: RuleOutcome[];
  faults: { rule: string; message: string }[];
}

/** Runs its rules over facts. Calls may overlap. */
export type RunRules = (facts: Facts) => RunOutcome | Promise<RunOutcome>;

/** Looks at the conditions one by one only when somebody wants to know; most outcomes stay closed. */
class CompiledOutcome implements RuleOutcome {
  readonly matched: boolean;
  private readonly compiled: CompiledRule<LoadedRule>;
  private readonly facts: Facts;
  private judged: JudgedCondition | undefined;

  constructor(compiled: CompiledRule<LoadedRule>, matched: boolean, facts: Facts) {
    this.compiled = compiled;
    this.matched = matched;
    this.facts = facts;
  }

  get rule(): LoadedRule {
    return this.compiled.rule;
  }

  get conditions(): JudgedCondition {
    this.judged ??= this.compiled.judge(this.facts) as JudgedCondition;
    return this.judged;
  }
}

/** A rule that can not be compiled is at fault for each event that it would have been asked about. */
function faultsOf(broken: readonly { rule: LoadedRule; message: string }[]) {
  const known = broken.map(({ rule, message }) => {
    return { rule: rule.id, message, reasons: reasonsOfRule(rule) };
  });
  return ({ reason }: Facts): RunOutcome['faults'] =>
    known
      .filter(({ reasons }) => !reasons || reasons.has(String(reason)))
      .map(({ rule, message }) => ({ rule, message }));
}

/**
 * Compiles rules for live events: closures, found by the event's reason.
 *
 * @param index - false asks every rule about every event
 */
export function createRunRules(rules: readonly LoadedRule[], index = true): RunRules {
  const compiled = compileRules(rules, { index: index ? ['reason'] : [] });
  const brokenFor = faultsOf(
    compiled.problems.map(({ index: place, message }) => {
      return { rule: rules[place] as LoadedRule, message };
    }),
  );
  return (facts) => {
    const outcomes: RuleOutcome[] = [];
    const faults = compiled.problems.length > 0 ? brokenFor(facts) : [];
    for (const candidate of compiled.candidates(facts)) {
      try {
        outcomes.push(new CompiledOutcome(candidate.rule, candidate.matches(facts), facts));
      } catch (thrown) {
        faults.push({ rule: candidate.rule.id, message: (thrown as Error).message });
      }
    }
    return { outcomes, faults };
  };
}
