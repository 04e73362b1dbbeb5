import type { FactValue } from './facts.ts';
import { type LocalizedText, pickText } from './localized-text.ts';
import type {
  Category,
  Confidence,
  Language,
  Outcome,
  Retry,
  Severity,
  Side,
} from './vocabulary.ts';

/** What a rule expects of a fact. Views write it in the reader's language. */
export interface Expectation {
  /** Operator of the rule with its decorators; `not:` comes first below a `not` condition. */
  operator: string;
  /** A value, a list of values, or the name of another fact. */
  value: FactValue | FactValue[] | { fact: string };
  /** Value of the other fact, when `value` names one. */
  otherValue?: FactValue;
}

/** A checkable fact that speaks for the diagnosis. */
export interface Evidence {
  fact: string;
  value: FactValue;
  /** What the winning rule expects, each of them; absent when the rule only shows the fact. */
  expected?: Expectation[];
  /** Unit of the value, e.g. `s` or `ms`; absent for texts. */
  unit?: string;
}

/** Another cause that could not be ruled out. */
export interface Alternate {
  /** Reason id or rule id of the other explanation. */
  id: string;
  kind: 'reason' | 'rule';
  /** Facts that would be needed to tell, by name. */
  missing: string[];
}

/** Why the confidence is what it is. Closed list, translated by views. */
export type ConfidenceGround =
  | 'specific-code'
  | 'unambiguous-text'
  | 'decisive-evidence'
  | 'evidence'
  | 'ambiguous-code'
  | 'shared-text'
  | 'unrecognized';

/** The rule that won, pinned by content. */
export interface RuleRef {
  id: string;
  /** SHA-256 of the rule's canonical JSON, first 12 hex digits. */
  hash: string;
  /** Path below the rules folder, with forward slashes. */
  file: string;
  name: string;
}

/** What we conclude about one event, without its texts. This is what a store keeps. */
export interface Verdict {
  reason: string;
  category: Category;
  outcome: Outcome;
  severity: Severity;
  side: Side;
  retry: Retry;
  /** Name of the runbook, without folder or ending. */
  runbook: string;
  rule: RuleRef;
  /** Hash of the rule set that judged, first 12 hex digits. */
  ruleSet: string;
  confidence: Confidence;
  ground: ConfidenceGround;
  evidence: Evidence[];
  /** Facts that the rule or its rivals wanted and that nobody knew. */
  notChecked: string[];
  alternates: Alternate[];
}

/** A verdict with its words. */
export interface Diagnosis extends Verdict {
  cause: LocalizedText;
  /** Steps, the first one first. */
  fix: LocalizedText[];
}

/** A rule's words before facts are filled in; kept per rule hash so that old verdicts keep theirs. */
export interface RuleTexts {
  ruleHash: string;
  cause: LocalizedText;
  fix: LocalizedText[];
}

/** A diagnosis in one language, as CLI and HTTP API print it. */
export interface FlatDiagnosis extends Omit<Diagnosis, 'cause' | 'fix' | 'rule'> {
  /** Rule id, e.g. `auth/url-expired`. */
  rule: string;
  ruleHash: string;
  ruleFile: string;
  cause: string;
  /** Steps, the first one first. */
  fix: string[];
}

/** Puts a diagnosis into one language and its rule into plain fields. */
export function flattenDiagnosis(diagnosis: Diagnosis, language: Language): FlatDiagnosis {
  const { reason, category, outcome, rule, severity, side, cause, fix, retry, ...rest } = diagnosis;
  return {
    reason,
    category,
    outcome,
    rule: rule.id,
    severity,
    side,
    cause: pickText(cause, language),
    fix: fix.map((step) => pickText(step, language)),
    retry,
    ...rest,
    ruleHash: rule.hash,
    ruleFile: rule.file,
  };
}
