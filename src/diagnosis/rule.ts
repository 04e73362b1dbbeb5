import { createHash } from 'node:crypto';
import type { RuleAlert } from '../model/alert.ts';
import type { FactValue } from '../model/facts.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Confidence, Outcome, Retry, Severity, Side } from '../model/vocabulary.ts';

/** What a fact is compared with: a value, a list for `in` and the like, or another fact. */
export type ConditionValue = FactValue | FactValue[] | { fact: string };

/** One comparison, in the form of json-rules-engine. */
export interface Leaf {
  fact: string;
  operator: string;
  value: ConditionValue;
  priority?: number;
  name?: string;
}

/** Conditions joined by all, any or not, in the form of json-rules-engine. */
export type ConditionGroup =
  | { all: Condition[]; priority?: number; name?: string }
  | { any: Condition[]; priority?: number; name?: string }
  | { not: Condition; priority?: number; name?: string };

export type Condition = Leaf | ConditionGroup;

/** What a rule concludes. Texts may hold `{{fact}}` and `[[optional {{fact}}]]`. */
export interface RuleParams {
  severity: Severity;
  side: Side;
  cause: LocalizedText;
  /** Steps, the first one first. */
  fix: LocalizedText[];
  retry: Retry;
  /** Name of the runbook, without folder or ending. */
  runbook: string;
  /** Facts to show beside those that the conditions read. */
  evidence: string[];
  /** At most this sure, whatever speaks for it. */
  confidence?: Confidence;
  /** Facts whose match makes the verdict certain even where the code is ambiguous. */
  decisive?: string[];
  /** When the rule knows better than the reason how the push ended. */
  outcome?: Outcome;
  /** Absent: never a page of its own. */
  alert?: RuleAlert;
}

/** What a rule's test is given: an event's reason in any form, and any facts by name. */
export interface RuleTestInput {
  errcode?: number;
  subErrcode?: number;
  text?: string;
  bypassCode?: number;
  [fact: string]: FactValue | undefined;
}

/** An example beside the rule. */
export interface RuleTest {
  name: string;
  given: RuleTestInput;
  /** `match`: this rule wins; `no-match`: another one does; else the id of the rule that wins. */
  expect: string;
}

/** Checks of lint that a rule may ask to pass over, because the rule works all the same. */
export const WAIVABLE_CHECKS = [
  'language',
  'tests',
  'runbook',
  'todo',
  'evidence',
  'reason-first',
] as const;
export type WaivableCheck = (typeof WAIVABLE_CHECKS)[number];

/** What lint passes over in one rule, and until when. */
export interface LintWaiver {
  disable: WaivableCheck[];
  /** Last day, `YYYY-MM-DD` in UTC; absent: for good. */
  until?: string;
}

/** One rule, as its file has it. */
export interface Rule {
  /** `<category>/<name>`, the same as its path below the rules folder. */
  id: string;
  name: string;
  description?: string;
  priority: number;
  conditions: ConditionGroup;
  event: { type: Category; params: RuleParams };
  tests: RuleTest[];
  /** For lint alone; a loaded rule has none. */
  lint?: LintWaiver;
}

/** A rule that passed all checks. */
export interface LoadedRule extends Rule {
  /** SHA-256 of the rule's canonical JSON, first 12 hex digits. */
  hash: string;
  /** Path below its rules folder, with forward slashes. */
  file: string;
}

/** Rules that judge together. */
export interface RuleSet {
  /** SHA-256 over the rules' ids and hashes, first 12 hex digits. */
  hash: string;
  /** By id. */
  rules: LoadedRule[];
}

/** What is wrong with a rule file, and where. */
export interface RuleProblem {
  /** Path of the file as it was opened. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  message: string;
}

/** Rules that could be loaded, and what is wrong with the others. */
export interface LoadResult {
  ruleSet: RuleSet;
  problems: RuleProblem[];
}

/** JSON with sorted keys and without spaces, so that the same content has the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** SHA-256 of the canonical JSON of a value, first 12 hex digits. */
export function hashJson(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 12);
}
