import { FACT_CATALOGUE } from '../../model/fact-catalogue.ts';
import type { Condition, ConditionValue, Leaf } from '../rule.ts';

const units = new Map(FACT_CATALOGUE.map(({ name, unit }) => [name, unit]));

const SIGNS: Record<string, string> = {
  equal: 'is',
  notEqual: 'is not',
  in: 'is one of',
  notIn: 'is none of',
  lessThan: '<',
  lessThanInclusive: '≤',
  greaterThan: '>',
  greaterThanInclusive: '≥',
};

const DECORATIONS: Record<string, string> = {
  not: 'not: ',
  swap: 'the other way round: ',
  someValue: 'for some of ',
  everyValue: 'for each of ',
};

function operatorWords(operator: string): string {
  const colon = operator.indexOf(':');
  if (colon < 0) {
    return SIGNS[operator] ?? operator;
  }
  const decoration = operator.slice(0, colon);
  return `${DECORATIONS[decoration] ?? `${decoration}:`}${operatorWords(operator.slice(colon + 1))}`;
}

function valueWords(value: ConditionValue): string {
  if (Array.isArray(value)) {
    return value.map(String).join(', ');
  }
  return typeof value === 'object' ? `the fact ${value.fact}` : String(value);
}

function leafWords({ fact, operator, value }: Leaf): string {
  const unit = typeof value === 'number' ? units.get(fact) : undefined;
  return `${fact} ${operatorWords(operator)} ${valueWords(value)}${unit ? ` ${unit}` : ''}`;
}

/** A condition in words: `reason is network and not (breaksOfStream10m ≥ 3)`. */
export function describeCondition(condition: Condition): string {
  const join = (parts: readonly Condition[], word: string) =>
    parts
      .map((part) =>
        parts.length > 1 && !('fact' in part) && !('not' in part)
          ? `(${describeCondition(part)})`
          : describeCondition(part),
      )
      .join(` ${word} `);
  if ('any' in condition) {
    return join(condition.any, 'or');
  }
  if ('all' in condition) {
    return join(condition.all, 'and');
  }
  return 'not' in condition ? `not (${describeCondition(condition.not)})` : leafWords(condition);
}
