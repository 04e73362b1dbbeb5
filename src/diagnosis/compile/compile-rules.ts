import { type Bucket, buildIndex, type Entry, findBucket } from './build-index.ts';
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
import { lowerConditions } from './test-node.ts';

/** A rule that could be compiled. */
export interface CompiledRule<R extends EngineRule = EngineRule> {
  /** The rule's id, else its name, else `#` and its place in the list. */
  readonly id: string;
  /** Place among all compiled rules in the order of winning, from 0. */
  readonly rank: number;
  /** The rule as it was given. Changing it changes nothing that is compiled. */
  readonly rule: R;
  readonly priority: number;
  /** Comparisons, shared conditions counted each time. */
  readonly leaves: number;
  /**
   * Looks at all conditions as json-rules-engine does.
   *
   * @throws what json-rules-engine's run rejects with
   */
  judge(facts: FactSnapshot): JudgedNode & { result?: boolean };
  /**
   * The same as one of json-rules-engine's results, printed by `toJSON(false)`. Values of the rule
   * are shared and frozen, values of facts are the facts' own.
   *
   * @throws what json-rules-engine's run rejects with
   */
  trace(facts: FactSnapshot): RuleTrace;
}

/** A rule that an event could still match after the index was asked. */
export interface Candidate<R extends EngineRule = EngineRule> {
  readonly rule: CompiledRule<R>;
  /**
   * Only for snapshots that led to this candidate.
   *
   * @throws what json-rules-engine's run rejects with; then the rule counts as not matching
   */
  matches(facts: FactSnapshot): boolean;
}

/** Rules ready to run. Nothing in it changes, so any number of events may be in flight. */
export interface CompiledRules<R extends EngineRule = EngineRule> {
  /** In the order of winning: priority descending, more comparisons, id. */
  readonly rules: readonly CompiledRule<R>[];
  /** Rules that were left out, and why. */
  readonly problems: readonly CompileProblem[];
  /** What decides about each rule, in the order of winning, for other ways to run them. */
  readonly entries: readonly Entry[];
  /**
   * The rules that could match, the best first. A rule is missing here when a fact of the index
   * rules it out, even if looking at it would throw.
   */
  candidates(facts: FactSnapshot): readonly Candidate<R>[];
  /**
   * All rules that match, the best first. A rule that throws does not match and harms no other.
   *
   * @param onThrow - told of rules that threw
   */
  match(
    facts: FactSnapshot,
    onThrow?: (rule: CompiledRule<R>, thrown: unknown) => void,
  ): CompiledRule<R>[];
  /**
   * The best rule that matches, or undefined. A rule that throws does not match.
   */
  first(facts: FactSnapshot): CompiledRule<R> | undefined;
}

/** What rules are compiled with. */
export interface CompileOptions {
  /** Conditions that rules share by `{"condition": name}`. */
  conditions?: SharedConditions;
  /**
   * Facts that may serve as index. Absent: those that spare the most tests, found from the rules.
   * An empty list asks every rule about every event.
   */
  index?: readonly string[];
}

interface Parsed<R> {
  id: string;
  index: number;
  rule: R;
  node: ConditionNode;
  priority: number;
  leaves: number;
  event: RuleTrace['event'];
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

function parseRule<R extends EngineRule>(
  rule: R,
  index: number,
  shared: SharedConditions,
): Parsed<R> {
  const { event } = rule;
  if (typeof event !== 'object' || event === null || !Object.hasOwn(event, 'type')) {
    throw new ConditionError('/event', 'a rule needs an event with a type');
  }
  const node = parseConditions(structuredClone(rule.conditions), shared);
  return {
    id: nameOf(rule, index),
    index,
    rule,
    node,
    priority: parsePriority(rule.priority),
    leaves: countLeaves(node),
    event: freezeDeep(
      structuredClone({ type: event.type, ...(event.params ? { params: event.params } : {}) }),
    ),
  };
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
 * Compiles rules in the format of json-rules-engine. What a compiled rule says about an event is
 * what json-rules-engine 7.3.1 says with missing facts allowed, for all built-in operators and
 * decorators, nested all/any/not, shared conditions, condition priorities, paths of names and
 * indexes, and comparisons between facts.
 *
 * It differs where the reference has no definite answer or loses one:
 * - matching rules come in the order of winning (priority, more comparisons, id), always the same;
 * - a rule that throws does not match, and harms neither others nor the next event;
 * - rules that the reference rejects at load or at run, or that leave the subset, are `problems`
 *   and the others are compiled all the same.
 *
 * Facts are plain data: own keys, JSON values. An object that can not be turned into a number or
 * text (own `toString` and the like), compared for order, may go unnoticed where the reference
 * would reject its run.
 *
 * @param rules - copied where it matters; they may change afterwards
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
      parsed.push(parseRule(rule, index, shared));
    } catch (thrown) {
      const pointer = thrown instanceof ConditionError ? thrown.pointer : '';
      const message =
        thrown instanceof RangeError ? 'the rule is nested too deep' : (thrown as Error).message;
      problems.push({ rule: nameOf(rule, index), index, pointer, message });
    }
  }
  parsed.sort(byWinning);
  const compiled = parsed.map(compiledRule);
  const entries = parsed.map(({ node }, rank): Entry => ({ rank, test: lowerConditions(node) }));
  const index = buildIndex(entries, options.index);
  const closed = new Map<Bucket, readonly Candidate<R>[]>();

  /** Closures are made when a bucket's first event comes, so that loading stays quick. */
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

  const candidates = (facts: FactSnapshot) => candidatesOf(findBucket(index, facts));

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
