import { describeComparison } from '../../model/describe-fact.ts';
import type { FactValue } from '../../model/facts.ts';
import { pickText } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import { titleOfReason } from '../../reasons/reason-catalogue.ts';
import type { Condition, Leaf } from '../rule.ts';
import { isReason } from '../rule-files/condition-schema.ts';

/** One line of a condition in words. */
export interface ConditionLine {
  /** Parts of a group are one level deeper than its own line. */
  depth: number;
  kind: 'all' | 'any' | 'not' | 'is';
  /** Of a comparison; empty for a group. */
  words: string;
  /** The fact of a comparison; null for a group. */
  fact: string | null;
}

/** The comparison with titles of reasons in place of their ids. */
function withTitles(leaf: Leaf, language: Language): Leaf {
  const { fact, value } = leaf;
  const titled = (one: FactValue) => {
    const title = titleOfReason(String(one));
    return title ? pickText(title, language) : one;
  };
  if (!isReason(fact) || (typeof value === 'object' && !Array.isArray(value))) {
    return leaf;
  }
  return { ...leaf, value: Array.isArray(value) ? value.map(titled) : titled(value) };
}

/** Describes conditions in words: one line for each comparison and each group. */
export function conditionLines(
  condition: Condition,
  language: Language,
  depth = 0,
): ConditionLine[] {
  const group = (kind: 'all' | 'any' | 'not', parts: readonly Condition[]): ConditionLine[] => {
    const [only] = parts;
    // "all of" one thing is that thing.
    return only && parts.length === 1 && kind !== 'not' && depth > 0
      ? conditionLines(only, language, depth)
      : [
          { depth, kind, words: '', fact: null },
          ...parts.flatMap((part) => conditionLines(part, language, depth + 1)),
        ];
  };
  // As in json-rules-engine, `any` comes first where several are present.
  if ('any' in condition) {
    return group('any', condition.any);
  }
  if ('all' in condition) {
    return group('all', condition.all);
  }
  if ('not' in condition) {
    return group('not', [condition.not]);
  }
  const { fact } = condition;
  const words = describeComparison(fact, withTitles(condition, language), language);
  return [{ depth, kind: 'is', words, fact }];
}
