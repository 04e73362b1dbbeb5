import type { Facts, FactValue } from '../../model/facts.ts';
import { labelOfFact, printFactValue } from '../../model/render-template.ts';
import type { ConditionValue, Leaf } from '../rule.ts';

/** What an order operator means when its sides are exchanged. */
const SWAPPED: Record<string, string> = {
  lessThan: 'greaterThan',
  lessThanInclusive: 'greaterThanInclusive',
  greaterThan: 'lessThan',
  greaterThanInclusive: 'lessThanInclusive',
};

function compareWords(operator: string, value: string): string {
  switch (operator) {
    case 'equal':
      return value;
    case 'notEqual':
      return `not ${value}`;
    case 'in':
      return `one of ${value}`;
    case 'notIn':
      return `none of ${value}`;
    case 'lessThan':
      return `less than ${value}`;
    case 'lessThanInclusive':
      return `${value} or less`;
    case 'greaterThan':
      return `more than ${value}`;
    case 'greaterThanInclusive':
      return `${value} or more`;
    default:
      return `${operator} ${value}`;
  }
}

function valueWords(fact: string, value: ConditionValue, facts: Facts): string {
  if (Array.isArray(value)) {
    return value.map((one) => printFactValue(fact, one)).join(', ');
  }
  if (typeof value !== 'object') {
    return printFactValue(fact, value);
  }
  const other = facts[value.fact];
  const found = other === undefined ? 'not known' : printFactValue(value.fact, other);
  return `${labelOfFact(value.fact)} (${found})`;
}

/** Negates what {@link expectedWords} returns. */
export function negateWords(words: string): string {
  return words.includes(' ') ? `not (${words})` : `not ${words}`;
}

/**
 * Says in English what a comparison expects of its fact: `3 or more`, `not network`,
 * `one of main, aux`. Decorators are spelled out.
 *
 * @param facts - for comparisons with another fact, whose value is added
 */
export function expectedWords(
  leaf: Pick<Leaf, 'fact' | 'operator' | 'value'>,
  facts: Facts,
): string {
  const { fact, operator, value } = leaf;
  const colon = operator.indexOf(':');
  if (colon < 0) {
    return compareWords(operator, valueWords(fact, value, facts));
  }
  const decorated = operator.slice(colon + 1);
  switch (operator.slice(0, colon)) {
    case 'not':
      return negateWords(expectedWords({ fact, operator: decorated, value }, facts));
    case 'swap':
      return expectedWords({ fact, operator: SWAPPED[decorated] ?? decorated, value }, facts);
    case 'someValue':
    case 'everyValue': {
      const join = operator.startsWith('some') ? ' or ' : ' and ';
      return (value as FactValue[])
        .map((one) => expectedWords({ fact, operator: decorated, value: one }, facts))
        .join(join);
    }
    default:
      return compareWords(operator, valueWords(fact, value, facts));
  }
}
