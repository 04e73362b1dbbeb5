import { describeComparison } from '../../model/describe-fact.ts';
import type { Language } from '../../model/vocabulary.ts';
import type { Condition } from '../rule.ts';

/**
 * Describes a condition in one language:
 * `reason: network AND NOT (3 or more breaks of this stream in 10 min)`.
 */
export function describeCondition(condition: Condition, language: Language): string {
  const join = (parts: readonly Condition[], word: string) =>
    parts
      .map((part) =>
        parts.length > 1 && !('fact' in part) && !('not' in part)
          ? `(${describeCondition(part, language)})`
          : describeCondition(part, language),
      )
      .join(` ${word} `);
  if ('any' in condition) {
    return join(condition.any, 'OR');
  }
  if ('all' in condition) {
    return join(condition.all, 'AND');
  }
  return 'not' in condition
    ? `NOT (${describeCondition(condition.not, language)})`
    : describeComparison(condition.fact, condition, language);
}
