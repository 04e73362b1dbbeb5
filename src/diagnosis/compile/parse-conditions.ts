import { isObject } from '../../model/is-object.ts';
import { ConditionError, type ConditionTrace } from './engine-rule.ts';
import { findOperator, type Operator, throwsOf } from './find-operator.ts';
import { factAt, type ReadFact } from './read-fact.ts';

/** The other side of a comparison: a value of the rule, or another fact. */
type Operand =
  | { kind: 'value'; value: unknown }
  | { kind: 'fact'; fact: string; path?: string; read: ReadFact };

/** A checked comparison. */
export interface Comparison {
  kind: 'comparison';
  fact: string;
  path?: string;
  read: ReadFact;
  operator: Operator;
  other: Operand;
  /** Whether it throws for some facts, which would reject a whole run of json-rules-engine. */
  mayThrow: boolean;
  /** Its trace when it is skipped. */
  blank: ConditionTrace;
}

/** A checked all, any or not. */
export interface Group {
  kind: 'group';
  join: 'all' | 'any' | 'not';
  /** In the order of the file; exactly one for `not`. */
  children: readonly ConditionNode[];
  /** Indexes of the children by priority, the highest first. All children of a set are evaluated. */
  sets: readonly (readonly number[])[];
  priority: number;
  name: unknown;
  mayThrow: boolean;
  blank: ConditionTrace;
}

/** A checked condition. Shared conditions are already expanded. */
export type ConditionNode = Comparison | Group;

/** Conditions that rules share, by name. */
export type SharedConditions = Readonly<Record<string, unknown>>;

/** Maximum number of conditions in one rule. A shared condition counts at each use. */
export const MAX_NODES = 10_000;
/** Maximum depth of nested conditions. */
export const MAX_DEPTH = 100;

type Json = Record<string, unknown>;

const has = Object.hasOwn;

/** Leaves out values that are not truthy, as toJSON of json-rules-engine does. */
function printed(keys: Json): Json {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => Boolean(value)));
}

function priorityOf(json: Json, pointer: string): number | undefined {
  const { priority } = json;
  if (priority === undefined) {
    return undefined;
  }
  if (!Number.isSafeInteger(priority)) {
    throw new ConditionError(`${pointer}/priority`, 'the priority must be a whole number');
  }
  return priority as number;
}

/** Freezes a value of the rule, so that traces can share it. */
export function freezeDeep<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) {
      freezeDeep(part);
    }
  }
  return value;
}

/** Groups indexes by priority as json-rules-engine does. 0 and absent count as 1. */
function setsOf(priorities: readonly (number | undefined)[]): number[][] {
  const sets = new Map<number, number[]>();
  for (const [place, priority] of priorities.entries()) {
    const key = priority || 1;
    sets.set(key, [...(sets.get(key) ?? []), place]);
  }
  return [...sets].sort(([a], [b]) => b - a).map(([, places]) => places);
}

/** A node, and its priority among its siblings. */
interface Placed {
  node: ConditionNode;
  priority: number | undefined;
}

class Parser {
  private readonly shared: SharedConditions;
  private nodes = 0;

  constructor(shared: SharedConditions) {
    this.shared = shared;
  }

  parse(
    json: unknown,
    pointer: string,
    depth: number,
    /** Names of the shared conditions that are being expanded, the outermost first. */
    within: readonly string[],
    /** The name in the reference, for a shared condition without a name. */
    givenName?: unknown,
  ): Placed {
    this.nodes += 1;
    if (this.nodes > MAX_NODES) {
      throw new ConditionError(pointer, `the rule has more than ${MAX_NODES} conditions`);
    }
    if (depth > MAX_DEPTH) {
      throw new ConditionError(pointer, `conditions are nested deeper than ${MAX_DEPTH}`);
    }
    if (!isObject(json)) {
      throw new ConditionError(pointer, 'a condition must be an object');
    }
    const join = (['any', 'all', 'not'] as const).find((key) => has(json, key));
    if (has(json, 'condition')) {
      if (join || has(json, 'fact')) {
        throw new ConditionError(
          `${pointer}/condition`,
          '"condition" cannot be combined with all, any, not or fact',
        );
      }
      return this.reference(json, pointer, depth, within, givenName);
    }
    return join
      ? this.group(json, join, pointer, depth, within, givenName)
      : this.comparison(json, pointer);
  }

  private group(
    json: Json,
    join: Group['join'],
    pointer: string,
    depth: number,
    within: readonly string[],
    givenName: unknown,
  ): Placed {
    const below = json[join];
    const at = `${pointer}/${join}`;
    if (join !== 'not' && !Array.isArray(below)) {
      throw new ConditionError(at, `"${join}" must be a list of conditions`);
    }
    if (join === 'not' && Array.isArray(below)) {
      throw new ConditionError(at, '"not" takes one condition, not a list');
    }
    const placed = Array.isArray(below)
      ? below.map((child, place) => this.parse(child, `${at}/${place}`, depth + 1, within))
      : [this.parse(below, at, depth + 1, within)];
    const children = placed.map(({ node }) => node);
    const priority = priorityOf(json, pointer) || 1;
    const name = has(json, 'name') ? json.name : givenName;
    const blanks = placed.map(({ node }) => node.blank);
    const node: Group = {
      kind: 'group',
      join,
      children,
      sets: setsOf(placed.map((child) => child.priority)),
      priority,
      name,
      mayThrow: children.some((child) => child.mayThrow),
      blank: freezeDeep({
        ...printed({ priority, name }),
        [join]: join === 'not' ? blanks[0] : blanks,
      }) as ConditionTrace,
    };
    return { node, priority };
  }

  private reference(
    json: Json,
    pointer: string,
    depth: number,
    within: readonly string[],
    givenName: unknown,
  ): Placed {
    const { condition } = json;
    if (typeof condition !== 'string' || !has(this.shared, condition)) {
      throw new ConditionError(
        `${pointer}/condition`,
        `there is no shared condition ${JSON.stringify(condition)}`,
      );
    }
    if (within.includes(condition)) {
      throw new ConditionError(
        `${pointer}/condition`,
        `shared conditions refer to each other in a cycle: ${[...within, condition].join(' → ')}`,
      );
    }
    const priority = priorityOf(json, pointer);
    const name = has(json, 'name') ? json.name : givenName;
    const target = this.shared[condition];
    if (!isObject(target) || !['all', 'any', 'not', 'condition'].some((key) => has(target, key))) {
      throw new ConditionError(
        `${pointer}/condition`,
        `the shared condition "${condition}" must be all, any, not or another shared condition`,
      );
    }
    const { node } = this.inside(condition, pointer, () =>
      this.parse(target, '', depth + 1, [...within, condition], name),
    );
    const blank = freezeDeep({ ...printed({ priority, name: json.name }), condition });
    // Only the trace of a skipped reference shows the reference. All else is the shared condition.
    return { node: { ...node, blank: blank as ConditionTrace }, priority };
  }

  /** Adds the name of the shared condition to an error, because its pointer starts there. */
  private inside(condition: string, pointer: string, parse: () => Placed): Placed {
    try {
      return parse();
    } catch (thrown) {
      if (thrown instanceof ConditionError) {
        throw new ConditionError(
          `${pointer}/condition`,
          `in the shared condition "${condition}"${thrown.pointer && ` at ${thrown.pointer}`}: ${thrown.message}`,
        );
      }
      throw thrown;
    }
  }

  private comparison(json: Json, pointer: string): Placed {
    for (const key of ['fact', 'operator', 'value']) {
      if (!has(json, key)) {
        throw new ConditionError(pointer, `a comparison needs "${key}"`);
      }
    }
    const { operator: operatorName, value } = json;
    const operator = typeof operatorName === 'string' ? findOperator(operatorName) : undefined;
    if (!operator) {
      throw new ConditionError(
        `${pointer}/operator`,
        `there is no operator ${JSON.stringify(operatorName)}`,
      );
    }
    const fact = factAt(json, pointer);
    const other: Operand =
      isObject(value) && has(value, 'fact')
        ? { kind: 'fact', ...factAt(value, `${pointer}/value`) }
        : { kind: 'value', value };
    const throws = throwsOf(
      operator,
      other.kind === 'value' ? { known: true, value } : { known: false },
    );
    if (throws.when === 'always') {
      throw new ConditionError(`${pointer}/value`, throws.message);
    }
    const priority = priorityOf(json, pointer);
    const node: Comparison = {
      kind: 'comparison',
      ...fact,
      operator,
      other,
      mayThrow: throws.when === 'some',
      blank: freezeDeep({
        ...printed({ priority, name: json.name }),
        operator: operator.name,
        value,
        fact: fact.fact,
        ...printed({ params: json.params, path: json.path }),
      }) as unknown as ConditionTrace,
    };
    return { node, priority };
  }
}

/**
 * Checks the conditions of a rule and expands shared conditions.
 *
 * @param conditions - all, any, not or a shared condition. It gets frozen, so pass a copy
 * @param shared - conditions that the rule may refer to. They get frozen too
 * @throws ConditionError for conditions that json-rules-engine would reject at load or at run time, and for
 *   those outside the subset: unknown operators, `in` without a list, paths with more than names and
 *   indexes, priorities that are not whole numbers, cycles, too many or too deeply nested conditions
 */
export function parseConditions(conditions: unknown, shared: SharedConditions): ConditionNode {
  const roots = ['all', 'any', 'not', 'condition'];
  if (!isObject(conditions) || !roots.some((key) => has(conditions, key))) {
    throw new ConditionError('/conditions', 'conditions must start with all, any or not');
  }
  return new Parser(shared).parse(conditions, '/conditions', 1, []).node;
}
