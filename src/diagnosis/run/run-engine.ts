import { Engine, type RuleProperties } from 'json-rules-engine';
import type { Facts } from '../../model/facts.ts';
import { compareRules, reasonsOfRule } from '../conditions.ts';
import type { LoadedRule } from '../rule.ts';
import type { JudgedCondition, RuleOutcome, RunOutcome, RunRules } from './run-rules.ts';

function newEngine(rules: readonly LoadedRule[]): Engine {
  const properties = rules.map(
    (rule): RuleProperties => ({
      name: rule.id,
      priority: rule.priority,
      // A copy, because json-rules-engine writes into the conditions that it is given.
      conditions: structuredClone(rule.conditions) as RuleProperties['conditions'],
      event: { type: rule.event.type },
    }),
  );
  return new Engine(properties, { allowUndefinedFacts: true });
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
 * Runs some rules on json-rules-engine, one run at a time.
 *
 * One rule that throws rejects the reference's whole run and spoils the next run on that engine.
 * So on a rejection the engine is thrown away and each rule runs alone, and only the rule at fault
 * is lost for this event.
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

/** Sorts rules into one runner a reason, so that an event meets only rules that could match. */
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
 * Runs rules on json-rules-engine itself, the reference for what a rule means. Tests and benchmarks
 * compare the compiled rules with it.
 *
 * @param index - false asks every rule about every event, as the reference alone would
 */
export function createReferenceRun(rules: readonly LoadedRule[], index = true): RunRules {
  const rank = new Map([...rules].sort(compareRules).map((rule, place) => [rule.id, place]));
  const rankOf = ({ rule }: RuleOutcome) => rank.get(rule.id) ?? rank.size;
  const runnerFor = createRunners(rules, index);
  // The reference loses results when two runs overlap on one engine, so each waits for the last.
  let last: Promise<unknown> = Promise.resolve();
  return (facts) => {
    const next = last.then(async () => {
      const { outcomes, faults } = await runnerFor(String(facts.reason))(facts);
      return { outcomes: outcomes.sort((a, b) => rankOf(a) - rankOf(b)), faults };
    });
    // A failure is its own caller's, never that of the next in line.
    last = next.catch(() => undefined);
    return next;
  };
}
