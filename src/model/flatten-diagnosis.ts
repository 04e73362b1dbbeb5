import type { Diagnosis } from './diagnosis.ts';
import { pickText } from './localized-text.ts';
import type { Language } from './vocabulary.ts';

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
