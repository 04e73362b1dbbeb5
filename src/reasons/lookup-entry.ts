import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Retry, Severity, Side } from '../model/vocabulary.ts';

/**
 * One meaning of a code or text. Cause, fix, retry, side and severity of a CSS reason are in the rules, so
 * they are absent here. Bypass codes and API errors have their own.
 */
export interface LookupEntry {
  kind: 'reason' | 'bypass' | 'api';
  /** `18/501`, `6012`, `ResourceNotFound.StopService`; several codes are joined with commas. */
  code: string;
  /** Reason id; null for API errors. */
  reason: string | null;
  category: Category;
  title: LocalizedText;
  cause?: LocalizedText;
  fix?: LocalizedText[];
  retry?: Retry;
  side?: Side;
  severity?: Severity;
  /** Whether the entry explains a sub code of the API that is not in the catalogue, by its parent. */
  isUnknownSubCode?: true;
}
