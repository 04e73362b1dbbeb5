import type { Facts } from '../../model/facts.ts';
import { type CompiledParts, type CompiledRule, compileRules } from '../compile/compile-rules.ts';
import { reasonsOfRule } from '../conditions.ts';
import type { LoadedRule } from '../rule.ts';
import { type CouldMatch, couldMatchOf } from './near-miss.ts';
import type {
  JudgedCondition,
  RuleOutcome,
  RunnableRule,
  RunOutcome,
  RunRules,
} from './run-outcome.ts';
import { createSelectNear } from './select-near.ts';

/** The compiler copies events for traces, which nobody reads here; texts are most of a rule. */
function withoutTexts(rule: LoadedRule): RunnableRule {
  const { id, priority, conditions, event } = rule;
  return { id, priority, conditions, event: { type: event.type }, rule };
}

/** What is prepared of rules, for sets in which most rules are those of the set before. Rules in it must not change. */
export class PreparedRules {
  readonly #runnable = new WeakMap<LoadedRule, RunnableRule>();
  readonly #couldMatch = new WeakMap<LoadedRule, CouldMatch>();
  readonly parts: CompiledParts = new WeakMap();

  runnable(rule: LoadedRule): RunnableRule {
    const known = this.#runnable.get(rule) ?? withoutTexts(rule);
    this.#runnable.set(rule, known);
    return known;
  }

  /** See {@link couldMatchOf}. */
  couldMatch(rule: LoadedRule): CouldMatch {
    const known = this.#couldMatch.get(rule) ?? couldMatchOf(rule);
    this.#couldMatch.set(rule, known);
    return known;
  }
}

/** Evaluates the single conditions only when they are read, because most outcomes never need them. */
class CompiledOutcome implements RuleOutcome {
  readonly matched: boolean;
  private readonly compiled: CompiledRule<RunnableRule>;
  private readonly facts: Facts;
  private judged: JudgedCondition | undefined;

  constructor(compiled: CompiledRule<RunnableRule>, matched: boolean, facts: Facts) {
    this.compiled = compiled;
    this.matched = matched;
    this.facts = facts;
  }

  get rule(): LoadedRule {
    return this.compiled.rule.rule;
  }

  get conditions(): JudgedCondition {
    this.judged ??= this.compiled.judge(this.facts) as JudgedCondition;
    return this.judged;
  }
}

/** A rule that cannot be compiled is a fault on each event that it would be tested on. */
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
 * Compiles rules for live events into closures with an index by reason.
 *
 * @param index - false tests every rule on every event
 * @param onlyNear - leaves out rules of the reason that neither match nor miss narrowly
 * @param prepared - from an earlier set, for the rules that did not change
 */
export function createRunRules(
  rules: readonly LoadedRule[],
  index = true,
  onlyNear = false,
  prepared = new PreparedRules(),
): RunRules {
  const compiled = compileRules(
    rules.map((rule) => prepared.runnable(rule)),
    { index: index ? ['reason'] : [], parts: prepared.parts },
  );
  const brokenFor = faultsOf(
    compiled.problems.map(({ index: place, message }) => {
      return { rule: rules[place] as LoadedRule, message };
    }),
  );
  const selectNear = onlyNear ? createSelectNear() : undefined;
  return (facts) => {
    const outcomes: RuleOutcome[] = [];
    const faults = compiled.problems.length > 0 ? brokenFor(facts) : [];
    const candidates = compiled.candidates(facts);
    for (const candidate of selectNear?.(candidates, facts) ?? candidates) {
      try {
        outcomes.push(new CompiledOutcome(candidate.rule, candidate.matches(facts), facts));
      } catch (thrown) {
        faults.push({ rule: candidate.rule.id, message: (thrown as Error).message });
      }
    }
    return { outcomes, faults };
  };
}

/**
 * Compiles rules to find only the rule that wins an event.
 *
 * @returns finds the rule; undefined when none matches. A rule that throws does not match
 */
export function createFindWinner(
  rules: readonly LoadedRule[],
): (facts: Facts) => LoadedRule | undefined {
  const compiled = compileRules(rules.map(withoutTexts), { index: ['reason'] });
  return (facts) => compiled.first(facts)?.rule.rule;
}
