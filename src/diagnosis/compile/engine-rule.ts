/**
 * The rule format of json-rules-engine 7.3.1, which the compiler reads, and the format of its results.
 *
 * @module
 */

/** Facts by name. Only own keys count; values are JSON. */
export type FactSnapshot = Readonly<Record<string, unknown>>;

/** A rule of json-rules-engine. Other keys are ignored, as json-rules-engine ignores them. */
export interface EngineRule {
  /** Names the rule in problems and breaks ties. json-rules-engine does not use it. */
  id?: string;
  name?: unknown;
  /** From 1; 1 when absent. Higher values win. */
  priority?: number;
  conditions: unknown;
  event: { type: string; params?: unknown };
}

/** A comparison in a trace, equal to `Condition.toJSON` of json-rules-engine. */
export interface LeafTrace {
  priority?: number;
  name?: unknown;
  operator: string;
  value: unknown;
  fact: string;
  /** The value of the fact; absent when it was missing or not evaluated. */
  factResult?: unknown;
  /** The value it was compared with; absent when that was a missing fact, or not evaluated. */
  valueResult?: unknown;
  /** Absent when it was not evaluated. */
  result?: boolean;
  params?: unknown;
  path?: string;
}

/** A group in a trace. It has no result, as in json-rules-engine. */
export type GroupTrace = { priority: number; name?: unknown } & (
  | { all: ConditionTrace[] }
  | { any: ConditionTrace[] }
  | { not: ConditionTrace }
);

/** A shared condition that was not evaluated. */
export interface ReferenceTrace {
  priority?: number;
  name?: unknown;
  condition: string;
}

/** Any part of a trace. */
export type ConditionTrace = LeafTrace | GroupTrace | ReferenceTrace;

/** The result of one rule for one snapshot, equal to `RuleResult.toJSON` of json-rules-engine. */
export interface RuleTrace {
  conditions: ConditionTrace;
  event: { type: string; params?: unknown };
  priority: number;
  name: unknown;
  result: boolean;
}

/** Why a rule cannot be compiled. The other rules are not affected. */
export interface CompileProblem {
  /** The rule's id, or else its name, or else `#` and its index in the list. */
  rule: string;
  /** Index of the rule in the list. */
  index: number;
  /** JSON pointer in the rule, or in the shared condition that the message names. */
  pointer: string;
  message: string;
}

/** A condition that cannot be compiled, and its position. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  /** JSON pointer in the rule or the shared condition. */
  readonly pointer: string;

  /**
   * @param pointer - JSON pointer to the mistake
   * @param message - what is wrong, for the author of the rule
   */
  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}
