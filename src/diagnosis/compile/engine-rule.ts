/**
 * The rule format of json-rules-engine 7.3.1, as the compiler takes it, and what it hands back.
 *
 * @module
 */

/** Plain data by name. Only own keys count; values are JSON. */
export type FactSnapshot = Readonly<Record<string, unknown>>;

/** A rule as json-rules-engine takes it; other keys are ignored, as it ignores them. */
export interface EngineRule {
  /** Tells rules apart in problems and breaks ties; json-rules-engine does not know it. */
  id?: string;
  name?: unknown;
  /** From 1; absent means 1. Higher ones win. */
  priority?: number;
  conditions: unknown;
  event: { type: string; params?: unknown };
}

/** A comparison in a trace, the same as `Condition.toJSON` of json-rules-engine. */
export interface LeafTrace {
  priority?: number;
  name?: unknown;
  operator: string;
  value: unknown;
  fact: string;
  /** What the fact was; absent when it was missing or not looked at. */
  factResult?: unknown;
  /** What it was compared with; absent when that was a missing fact, or not looked at. */
  valueResult?: unknown;
  /** Absent when it was not looked at. */
  result?: boolean;
  params?: unknown;
  path?: string;
}

/** A group in a trace. It carries no result of its own, as in json-rules-engine. */
export type GroupTrace = { priority: number; name?: unknown } & (
  | { all: ConditionTrace[] }
  | { any: ConditionTrace[] }
  | { not: ConditionTrace }
);

/** A shared condition that was not looked at. */
export interface ReferenceTrace {
  priority?: number;
  name?: unknown;
  condition: string;
}

/** Any part of a trace. */
export type ConditionTrace = LeafTrace | GroupTrace | ReferenceTrace;

/** What one rule said to one snapshot, the same as `RuleResult.toJSON` of json-rules-engine. */
export interface RuleTrace {
  conditions: ConditionTrace;
  event: { type: string; params?: unknown };
  priority: number;
  name: unknown;
  result: boolean;
}

/** Why a rule can not be compiled. The other rules are not harmed. */
export interface CompileProblem {
  /** The rule's id, else its name, else `#` and its place in the list. */
  rule: string;
  /** Place of the rule in the list. */
  index: number;
  /** JSON pointer below the rule, or below the shared condition that the message names. */
  pointer: string;
  message: string;
}

/** Conditions that can not be compiled, and where. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  /** JSON pointer below the rule or the shared condition. */
  readonly pointer: string;

  /**
   * @param pointer - JSON pointer to the mistake
   * @param message - what is wrong, in words for whoever edits the rule
   */
  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}
