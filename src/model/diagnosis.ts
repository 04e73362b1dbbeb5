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

/** What a rule expects of a fact. Views translate it. */
export interface Expectation {
  /** Operator of the rule with its decorators; it starts with `not:` inside a `not` condition. */
  operator: string;
  /** A value, a list of values, or the name of another fact. */
  value: FactValue | FactValue[] | { fact: string };
  /** Value of the other fact, when `value` names one. */
  otherValue?: FactValue;
}

/** A fact that supports the diagnosis. */
export interface Evidence {
  fact: string;
  value: FactValue;
  /** Everything that the winning rule expects of the fact; absent when the rule only shows it. */
  expected?: Expectation[];
  /** Unit of the value, e.g. `s` or `ms`; absent for texts. */
  unit?: string;
}

/** Another cause that could not be ruled out. */
export interface Alternate {
  /** Reason id or rule id of the other explanation. */
  id: string;
  kind: 'reason' | 'rule';
  /** Content hash of the rule, for its texts; absent for a reason, and in verdicts of older versions. */
  hash?: string;
  /** Names of the facts that would decide between them. */
  missing: string[];
}

/** Reason for the level of confidence. Views translate it. */
export type ConfidenceGround =
  | 'specific-code'
  | 'unambiguous-text'
  | 'decisive-evidence'
  | 'evidence'
  | 'ambiguous-code'
  | 'shared-text'
  | 'similar-text'
  | 'samples-contradict'
  | 'unrecognized';

/** The rule that won, identified by its content. */
interface RuleRef {
  id: string;
  /** SHA-256 of the rule's canonical JSON, first 12 hex digits. */
  hash: string;
  /** Path below the rules folder, with forward slashes. */
  file: string;
  name: string;
  /** The patch that changed the rule; absent when there is none. */
  patch?: PatchRef;
}

/** A patch of a rule, identified by its content. */
export interface PatchRef {
  /** Path below the rules folder, with forward slashes. */
  file: string;
  /** SHA-256 of the patch's canonical JSON, first 12 hex digits. */
  hash: string;
}

/** The conclusion about one event, as a store keeps it: without the texts of the rule. */
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
  /** Hash of the rule set, first 12 hex digits. */
  ruleSet: string;
  confidence: Confidence;
  ground: ConfidenceGround;
  evidence: Evidence[];
  /** Facts that this rule or a competing one reads, but that were not known. */
  notChecked: string[];
  alternates: Alternate[];
}

/** A verdict with its texts. */
export interface Diagnosis extends Verdict {
  cause: LocalizedText;
  /** Steps in order. */
  fix: LocalizedText[];
}

/** The texts of a rule before facts are filled in. Stored by rule hash, so old verdicts keep their texts. */
export interface RuleTexts {
  ruleHash: string;
  cause: LocalizedText;
  fix: LocalizedText[];
}

/** The hashes of all rules that a verdict names. Their texts are stored. */
export function ruleHashesOf({ rule, alternates }: Verdict): string[] {
  return [rule.hash, ...alternates.flatMap(({ hash }) => (hash === undefined ? [] : [hash]))];
}

/** A diagnosis in one language, as the CLI and the HTTP API show it. */
export interface FlatDiagnosis
  extends Omit<Diagnosis, 'cause' | 'fix' | 'rule' | 'evidence' | 'alternates'> {
  /** `title`: the name of the reason that the value is the id of. */
  evidence: (Evidence & { title?: string })[];
  /** `title`: what the cause is called; absent when its rule is not stored. */
  alternates: (Alternate & { title?: string })[];
  /** Rule id, e.g. `auth/url-expired`. */
  rule: string;
  ruleHash: string;
  ruleFile: string;
  /** The patch that changed the rule; absent when there is none. */
  rulePatch?: PatchRef;
  cause: string;
  /** Steps in order. */
  fix: string[];
}

/** Translates a diagnosis into one language and flattens its rule. */
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
    ...(rule.patch && { rulePatch: rule.patch }),
  };
}
