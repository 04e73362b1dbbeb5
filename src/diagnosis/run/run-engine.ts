import { Engine, type RuleProperties } from 'json-rules-engine';
import type { Facts } from '../../model/facts.ts';
import { compareRules, reasonsOfRule } from '../conditions.ts';
import { registerOperators } from '../operators/register-operators.ts';
import type { LoadedRule } from '../rule.ts';
import type { JudgedCondition, RuleOutcome, RunOutcome, RunRules } from './run-outcome.ts';

function newEngine(rules: readonly LoadedRule[]): Engine {
  const properties = rules.map(
    (rule): RuleProperties => ({
      name: rule.id,
      priority: rule.priority,
      // A copy, because json-rules-engine changes the conditions that it gets.
      conditions: structuredClone(rule.conditions) as RuleProperties['conditions'],
      event: { type: rule.event.type },
    }),
  );
  return registerOperators(new Engine(properties, { allowUndefinedFacts: true }));
}

async function runOn(engine: Engine, rules: readonly LoadedRule[], facts: Facts) {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const { results, failureResults } = await engine.run(facts);
  return [...results, ...failureResults].map(
    (result): RuleOutcome => ({
      rule: byId.get(result.name) as LoadedRule,
      matched: result.result === true,
      conditions: result.conditions as unknown as JudgedCondition,
    }),
  );
}

/**
 * Runs rules on json-rules-engine, one run at a time.
 *
 * A rule that throws rejects the whole run and corrupts the next run on the same engine. So after a
 * rejection the engine is discarded and each rule runs alone. Only the rule that throws has no result
 * for this event.
 */
function createRunner(rules: readonly LoadedRule[]): (facts: Facts) => Promise<RunOutcome> {
  let engine: Engine | undefined;

  async function runAlone(facts: Facts): Promise<RunOutcome> {
    const outcomes: RuleOutcome[] = [];
    const faults: RunOutcome['faults'] = [];
    for (const rule of rules) {
      try {
        outcomes.push(...(await runOn(newEngine([rule]), [rule], facts)));
      } catch (thrown) {
        faults.push({ rule: rule.id, message: (thrown as Error).message });
      }
    }
    return { outcomes, faults };
  }

  return async (facts) => {
    try {
      engine ??= newEngine(rules);
      return { outcomes: await runOn(engine, rules, facts), faults: [] };
    } catch {
      engine = undefined;
      return runAlone(facts);
    }
  };
}

/** Creates one runner per reason, so that an event is tested only by rules that could match. */
function createRunners(rules: readonly LoadedRule[], index: boolean) {
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
  const runGeneral = createRunner(general);
  const runners = new Map<string, ReturnType<typeof createRunner>>();
  return (reason: string) => {
    const ofReason = named.get(reason);
    if (!ofReason) {
      return runGeneral;
    }
    const known = runners.get(reason) ?? createRunner([...ofReason, ...general]);
    runners.set(reason, known);
    return known;
  };
}

/**
 * Runs rules on json-rules-engine, which defines what a rule means. Tests and benchmarks compare the
 * compiled rules with it.
 *
 * @param index - false tests every rule on every event, as json-rules-engine alone does
 */
export function createReferenceRun(rules: readonly LoadedRule[], index = true): RunRules {
  const rank = new Map([...rules].sort(compareRules).map((rule, place) => [rule.id, place]));
  const rankOf = ({ rule }: RuleOutcome) => rank.get(rule.id) ?? rank.size;
  const runnerFor = createRunners(rules, index);
  // json-rules-engine loses results when two runs overlap on one engine, so each run waits for the one before.
  let last: Promise<unknown> = Promise.resolve();
  return (facts) => {
    const next = last.then(async () => {
      const { outcomes, faults } = await runnerFor(String(facts.reason))(facts);
      return { outcomes: outcomes.sort((a, b) => rankOf(a) - rankOf(b)), faults };
    });
    // A failure rejects only its own run, not the next one.
    last = next.catch(() => undefined);
    return next;
  };
}
