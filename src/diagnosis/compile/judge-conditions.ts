import type {
  ConditionTrace,
  FactSnapshot,
  GroupTrace,
  LeafTrace,
  ReferenceTrace,
} from './engine-rule.ts';
import type { Comparison, ConditionNode, Group } from './parse-conditions.ts';

/**
 * A condition with its result. Unlike in a trace, groups have a result too. A skipped condition has
 * none.
 */
export type JudgedNode =
  | JudgedLeaf
  | (GroupTrace & { result?: boolean })
  | (ReferenceTrace & { result?: undefined });

/** A comparison with its result. */
type JudgedLeaf = LeafTrace;

type Found = JudgedNode & { result?: boolean };

function judgeComparison(node: Comparison, facts: FactSnapshot): Found {
  const factResult = node.read(facts);
  const { other } = node;
  const valueResult = other.kind === 'value' ? other.value : other.read(facts);
  const result = node.operator.compare(factResult, valueResult);
  const judged = { ...(node.blank as LeafTrace), result };
  if (factResult !== undefined) {
    judged.factResult = factResult;
  }
  if (valueResult !== undefined) {
    judged.valueResult = valueResult;
  }
  return judged;
}

function judgeGroup(node: Group, facts: FactSnapshot): Found {
  const { join, children, sets, priority, name } = node;
  const found = children.map((child) => child.blank as Found);
  const deciding = join === 'any';
  // A group without conditions is true, even `any`.
  let result = !deciding || children.length === 0;
  for (const set of sets) {
    // Sets of a lower priority are evaluated only while nothing is decided. All conditions of a set are.
    if (result === deciding) {
      break;
    }
    let decided = false;
    for (const place of set) {
      const child = judgeConditions(children[place] as ConditionNode, facts);
      found[place] = child;
      decided ||= child.result === deciding;
    }
    result = decided ? deciding : !deciding;
  }
  if (join === 'not') {
    result = !(found[0] as Found).result;
  }
  const judged = { priority, [join]: join === 'not' ? found[0] : found, result };
  return (name ? { ...judged, name } : judged) as unknown as Found;
}

/**
 * Evaluates conditions exactly as json-rules-engine does: all conditions of one priority, then those of the
 * next priority if nothing is decided yet.
 *
 * @throws what json-rules-engine's run rejects with, such as `in` with a missing list
 */
export function judgeConditions(node: ConditionNode, facts: FactSnapshot): Found {
  return node.kind === 'group' ? judgeGroup(node, facts) : judgeComparison(node, facts);
}

/** Formats evaluated conditions as `toJSON` of json-rules-engine does. */
export function traceOf(judged: JudgedNode): ConditionTrace {
  const named = 'name' in judged && judged.name ? { name: judged.name } : {};
  if ('any' in judged) {
    return { priority: judged.priority, ...named, any: judged.any.map(traceOf) };
  }
  if ('all' in judged) {
    return { priority: judged.priority, ...named, all: judged.all.map(traceOf) };
  }
  if ('not' in judged) {
    return { priority: judged.priority, ...named, not: traceOf(judged.not) };
  }
  return judged as ConditionTrace;
}
