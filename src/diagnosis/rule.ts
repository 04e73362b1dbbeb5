import { hash } from 'node:crypto';
import type { RuleAlert } from '../model/alert.ts';
import type { PatchRef } from '../model/diagnosis.ts';
import type { FactValue } from '../model/facts.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { SampleFinding } from '../model/push.ts';
import type { Category, Confidence, Outcome, Retry, Severity, Side } from '../model/vocabulary.ts';
import type { TeamCatalogue } from '../reasons/match-reason.ts';

/** Pattern of the name of a rule or runbook. */
export const NAME_PATTERN = '[a-z0-9]+(?:-[a-z0-9]+)*';
/** Pattern of the id of a rule: names with slashes between them. */
export const RULE_ID_PATTERN = `^${NAME_PATTERN}(?:/${NAME_PATTERN})+$`;

/** What a fact is compared with: a value, a list (for operators such as `in`), or another fact. */
type ConditionValue = FactValue | FactValue[] | { fact: string };

/** One comparison, in the format of json-rules-engine. */
export interface Leaf {
  fact: string;
  operator: string;
  value: ConditionValue;
  priority?: number;
  name?: string;
}

/** Conditions joined by all, any or not, in the format of json-rules-engine. */
export type ConditionGroup =
  | { all: Condition[]; priority?: number; name?: string }
  | { any: Condition[]; priority?: number; name?: string }
  | { not: Condition; priority?: number; name?: string };

export type Condition = Leaf | ConditionGroup;

/** What a rule concludes. Texts may contain `{{fact}}` and `[[optional {{fact}}]]`. */
export interface RuleParams {
  severity: Severity;
  side: Side;
  cause: LocalizedText;
  /** Steps in the order to take them. */
  fix: LocalizedText[];
  retry: Retry;
  /** Name of the runbook, without folder and file extension. */
  runbook: string;
  /** Facts to show in addition to those in the conditions. */
  evidence: string[];
  /** Upper limit of the confidence. */
  confidence?: Confidence;
  /** Facts whose match makes the diagnosis certain even if the code is ambiguous. */
  decisive?: string[];
  /** Findings from CSS's samples that speak against this cause: the confidence is lowered, and cards say so. */
  contradictedBy?: SampleFinding[];
  /** Overrides the outcome that follows from the reason. */
  outcome?: Outcome;
  /** Absent: the rule raises no alert. */
  alert?: RuleAlert;
}

/** The input of a rule's test: the reason of an event in any form, and any facts by name. */
export interface RuleTestInput {
  errcode?: number;
  subErrcode?: number;
  text?: string;
  bypassCode?: number;
  [fact: string]: FactValue | undefined;
}

/** A test inside a rule file. */
export interface RuleTest {
  name: string;
  given: RuleTestInput;
  /** `match`: this rule wins; `no-match`: another rule wins; or the id of the rule that wins. */
  expect: string;
}

/** Lint checks that a rule may disable, because the rule works without them. */
export const WAIVABLE_CHECKS = [
  'language',
  'tests',
  'runbook',
  'todo',
  'evidence',
  'reason-first',
  'missing-fact',
  'wildcard',
] as const;
export type WaivableCheck = (typeof WAIVABLE_CHECKS)[number];

/** The lint checks that are disabled for one rule, and until when. */
export interface LintWaiver {
  disable: WaivableCheck[];
  /** Last day, `YYYY-MM-DD` in UTC; absent: forever. */
  until?: string;
}

/** One rule, as in its file. */
export interface Rule {
  /** `<category>/<name>`, the same as its path in the rules folder. */
  id: string;
  name: string;
  description?: string;
  priority: number;
  conditions: ConditionGroup;
  event: { type: Category; params: RuleParams };
  tests: RuleTest[];
  /** For lint only; absent in a loaded rule. */
  lint?: LintWaiver;
}

/** A rule that passed all checks of the loader. */
export interface LoadedRule extends Rule {
  /** SHA-256 of the rule's canonical JSON, first 12 hex digits. */
  hash: string;
  /** Path in its rules folder, with forward slashes. */
  file: string;
  /** The patch that changed it; absent when there is none. */
  patch?: PatchRef;
}

/** What the file of a rule says, without what loading adds. */
export function contentOf({
  hash: _hash,
  file: _file,
  patch: _patch,
  ...content
}: LoadedRule): Rule {
  return content;
}

/** Rules that are run together. */
export interface RuleSet {
  /** SHA-256 over the rules' ids and hashes, first 12 hex digits. */
  hash: string;
  /** Sorted by id. */
  rules: LoadedRule[];
  /** Reasons and texts of the team's catalogue; absent when there are none. */
  catalogue?: TeamCatalogue;
}

/** A problem of a rule file, and its position. */
export interface RuleProblem {
  /** Path of the file as it was opened. */
  file: string;
  /** Line, from 1. */
  line: number;
  /** Column, from 1, in UTF-16 units. */
  column: number;
  message: string;
}

/** The rules that could be loaded, and the problems of the others. */
export interface LoadResult {
  ruleSet: RuleSet;
  problems: RuleProblem[];
}

/**
 * Serializes plain data with sorted keys and without spaces, so that equal content has equal text. Keys without a
 * value are left out, as by `JSON.stringify`.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    return JSON.stringify(value) ?? 'null';
  }
  let text = '';
  if (Array.isArray(value)) {
    for (const part of value) {
      text += `${text === '' ? '' : ','}${canonicalJson(part)}`;
    }
    return `[${text}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const part = (value as Record<string, unknown>)[key];
    if (part !== undefined) {
      text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(part)}`;
    }
  }
  return `{${text}}`;
}

/** SHA-256 of the canonical JSON of a value, first 12 hex digits. */
export function hashJson(value: unknown): string {
  return hash('sha256', canonicalJson(value)).slice(0, 12);
}
