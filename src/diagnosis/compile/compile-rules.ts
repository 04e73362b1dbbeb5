import { type Bucket, buildIndex, type Entry, findBucket, type IndexNode } from './build-index.ts';
import { closeTest } from './close-test.ts';
import {
  type CompileProblem,
  ConditionError,
  type EngineRule,
  type FactSnapshot,
  type RuleTrace,
} from './engine-rule.ts';
import { type JudgedNode, judgeConditions, traceOf } from './judge-conditions.ts';
import {
  type ConditionNode,
  freezeDeep,
  parseConditions,
  type SharedConditions,
} from './parse-conditions.ts';
import { lowerConditions, type TestNode } from './test-node.ts';

/** A compiled rule. */
export interface CompiledRule<R extends EngineRule = EngineRule> {
  /** The rule's id, or else its name, or else `#` and its index in the list. */
  readonly id: string;
  /** Position among all compiled rules in the order of winning, from 0. */
  readonly rank: number;
  /** The original rule. Changing it does not change the compiled rule. */
  readonly rule: R;
  readonly priority: number;
  /** Number of comparisons. Those of a shared condition count at each use. */
  readonly leaves: number;
  /**
   * Evaluates all conditions as json-rules-engine does.
   *
   * @throws what json-rules-engine's run rejects with
   */
  judge(facts: FactSnapshot): JudgedNode & { result?: boolean };
  /**
   * Returns what `toJSON(false)` of json-rules-engine's result returns. Values of the rule are shared and
   * frozen. Values of facts are not copied.
   *
   * @throws what json-rules-engine's run rejects with
   */
  trace(facts: FactSnapshot): RuleTrace;
}

/** A rule that an event could match after the lookup in the index. */
export interface Candidate<R extends EngineRule = EngineRule> {
  readonly rule: CompiledRule<R>;
  /**
   * Tests a snapshot. Only for snapshots for which the index returned this candidate.
   *
   * @throws what json-rules-engine's run rejects with; the rule then counts as not matching
   */
  matches(facts: FactSnapshot): boolean;
}

/** Compiled rules. They never change, so any number of events can be tested at the same time. */
export interface CompiledRules<R extends EngineRule = EngineRule> {
  /** In the order of winning: higher priority, then more comparisons, then id. */
  readonly rules: readonly CompiledRule<R>[];
  /** Rules that could not be compiled, and why. */
  readonly problems: readonly CompileProblem[];
  /** The test of each rule, in the order of winning, for other ways to run them. */
  readonly entries: readonly Entry[];
  /**
   * The rules that could match, in the order of winning. A rule that the index excludes is absent, even if
   * evaluating it would throw.
   */
  candidates(facts: FactSnapshot): readonly Candidate<R>[];
  /**
   * All rules that match, in the order of winning. A rule that throws does not match and does not affect
   * the others.
   *
   * @param onThrow - called for each rule that throws
   */
  match(
    facts: FactSnapshot,
    onThrow?: (rule: CompiledRule<R>, thrown: unknown) => void,
  ): CompiledRule<R>[];
  /** The rule that wins, or undefined when none matches. A rule that throws does not match. */
  first(facts: FactSnapshot): CompiledRule<R> | undefined;
}

/** How rules are compiled. */
export interface CompileOptions {
  /** Conditions that rules share with `{"condition": name}`. */
  conditions?: SharedConditions;
  /**
   * Facts that may be indexed. When absent, those that save the most tests are chosen. An empty list tests
   * every rule on every event.
   */
  index?: readonly string[];
  /** Parts that do not depend on the other rules, for rules that are compiled again with others. */
  parts?: CompiledParts;
}

/**
 * Parts of compiled rules, by rule. A rule in it must not change, and its shared conditions must stay the same.
 * It keeps only what its rules need, and only as long as they are in use.
 */
export type CompiledParts = WeakMap<EngineRule, unknown>;

/** What compiling a rule gives without the other rules. */
interface Parts {
  id: string;
  node: ConditionNode;
  priority: number;
  leaves: number;
  event: RuleTrace['event'];
  test: TestNode;
}

interface Parsed<R> extends Parts {
  index: number;
  rule: R;
}
function countLeaves(node: ConditionNode): number {
  return node.kind === 'comparison'
    ? 1
    : node.children.reduce((sum, child) => sum + countLeaves(child), 0);
}

function nameOf(rule: EngineRule | undefined, index: number): string {
  const name = rule?.id ?? rule?.name;
  return typeof name === 'string' ? name : `#${index}`;
}

function parsePriority(priority: unknown): number {
  if (priority === undefined || priority === 0) {
    return 1;
  }
  if (!Number.isSafeInteger(priority) || (priority as number) < 0) {
    throw new ConditionError('/priority', 'the priority must be a whole number above 0');
  }
  return priority as number;
}

/** Copies plain data, several times faster than `structuredClone`, which copies the rest. */
function copyJson(value: unknown): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(copyJson);
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, '__proto__')) {
    return structuredClone(value);
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    copy[key] = copyJson((value as Record<string, unknown>)[key]);
  }
  return copy;
}

function partsOf(rule: EngineRule, index: number, shared: SharedConditions): Parts {
  const { event } = rule;
  if (typeof event !== 'object' || event === null || !Object.hasOwn(event, 'type')) {
    throw new ConditionError('/event', 'a rule needs an event with a type');
  }
  const node = parseConditions(copyJson(rule.conditions), shared);
  return {
    id: nameOf(rule, index),
    node,
    priority: parsePriority(rule.priority),
    leaves: countLeaves(node),
    event: freezeDeep(
      structuredClone({ type: event.type, ...(event.params ? { params: event.params } : {}) }),
    ),
    test: lowerConditions(node),
  };
}

function parseRule<R extends EngineRule>(
  rule: R,
  index: number,
  shared: SharedConditions,
  parts: CompiledParts | undefined,
): Parsed<R> {
  const known = parts?.get(rule) as Parts | undefined;
  const made = known ?? partsOf(rule, index, shared);
  parts?.set(rule, made);
  return { ...made, index, rule };
}

function byWinning(a: Parsed<unknown>, b: Parsed<unknown>): number {
  return (
    b.priority - a.priority ||
    b.leaves - a.leaves ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : a.index - b.index)
  );
}

function compiledRule<R extends EngineRule>(parsed: Parsed<R>, rank: number): CompiledRule<R> {
  const { id, rule, node, priority, leaves, event } = parsed;
  const name = rule.name || rule.name === 0 ? rule.name : undefined;
  const judge = (facts: FactSnapshot) => judgeConditions(node, facts);
  return {
    id,
    rank,
    rule,
    priority,
    leaves,
    judge,
    trace(facts) {
      const judged = judge(facts);
      const result = judged.result === true;
      return { conditions: traceOf(judged), event, priority, name, result };
    },
  };
}

/**
 * Compiles rules in the format of json-rules-engine. A compiled rule gives the same result as
 * json-rules-engine 7.3.1 with `allowUndefinedFacts`, for all built-in operators and decorators, nested
 * all/any/not, shared conditions, condition priorities, paths of names and indexes, and comparisons
 * between facts.
 *
 * It differs where json-rules-engine has no defined result or loses results:
 * - Matching rules always come in the order of winning (priority, more comparisons, id).
 * - A rule that throws does not match, and affects neither other rules nor the next event.
 * - Rules that json-rules-engine rejects, or that are outside this subset, become `problems`. The other
 *   rules are compiled.
 *
 * Facts are plain data: own keys, JSON values. If an order operator compares an object that cannot be
 * converted to a number or a string (because of its own `toString`, for example), json-rules-engine
 * rejects the run, and the compiled rule may not throw.
 *
 * @param rules - may be changed afterwards
 */
export function compileRules<R extends EngineRule>(
  rules: readonly R[],
  options: CompileOptions = {},
): CompiledRules<R> {
  const shared = structuredClone(options.conditions ?? {});
  const problems: CompileProblem[] = [];
  const parsed: Parsed<R>[] = [];
  for (const [index, rule] of rules.entries()) {
    try {
      parsed.push(parseRule(rule, index, shared, options.parts));
    } catch (thrown) {
      const pointer = thrown instanceof ConditionError ? thrown.pointer : '';
      const message =
        thrown instanceof RangeError ? 'the rule is nested too deeply' : (thrown as Error).message;
      problems.push({ rule: nameOf(rule, index), index, pointer, message });
    }
  }
  parsed.sort(byWinning);
  const compiled = parsed.map(compiledRule);
  const entries = parsed.map(({ test }, rank): Entry => ({ rank, test }));
  let index: IndexNode | undefined;
  const closed = new Map<Bucket, readonly Candidate<R>[]>();

  /** Closures are created at the first event of a bucket, so that loading stays fast. */
  function candidatesOf(bucket: Bucket) {
    const known = closed.get(bucket);
    if (known) {
      return known;
    }
    const made = bucket.entries.map(({ rank, test }) => ({
      rule: compiled[rank] as CompiledRule<R>,
      matches: closeTest(test),
    }));
    closed.set(bucket, made);
    return made;
  }

  /** The index is built at the first event, because lint and back-tests need none. */
  const candidates = (facts: FactSnapshot) => {
    index ??= buildIndex(entries, options.index);
    return candidatesOf(findBucket(index, facts));
  };

  const match: CompiledRules<R>['match'] = (facts, onThrow) => {
    const found: CompiledRule<R>[] = [];
    for (const candidate of candidates(facts)) {
      try {
        if (candidate.matches(facts)) {
          found.push(candidate.rule);
        }
      } catch (thrown) {
        onThrow?.(candidate.rule, thrown);
      }
    }
    return found;
  };

  const first: CompiledRules<R>['first'] = (facts) => {
    for (const candidate of candidates(facts)) {
      try {
        if (candidate.matches(facts)) {
          return candidate.rule;
        }
      } catch {
        // A rule that throws does not match; `match` reports it.
      }
    }
    return undefined;
  };

  return { rules: compiled, problems, entries, candidates, match, first };
}
