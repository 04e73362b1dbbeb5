import { BreakwatchError } from '../../model/errors.ts';
import { childrenOf } from '../conditions.ts';
import { ownOperator } from '../operators/own-operators.ts';
import type { Condition, Leaf } from '../rule.ts';

/** A value that an operator does not accept. */
interface ValueMistake {
  /** JSON pointer to the value. */
  pointer: string;
  check: 'value';
  message: string;
}

/** Finds values that an operator of Breakwatch does not accept, such as a block that is none. */
export function checkValues(condition: Condition, pointer: string): ValueMistake[] {
  if ('not' in condition) {
    return checkValues(condition.not, `${pointer}/not`);
  }
  const children = childrenOf(condition);
  if (children) {
    const join = 'any' in condition ? 'any' : 'all';
    return children.flatMap((child, index) => checkValues(child, `${pointer}/${join}/${index}`));
  }
  const { operator: fullName, value } = condition as Leaf;
  const operator = ownOperator(fullName.slice(fullName.lastIndexOf(':') + 1));
  if (!operator || (typeof value === 'object' && !Array.isArray(value))) {
    return [];
  }
  return [value].flat().flatMap((one, index): ValueMistake[] => {
    const problem = operator.problemOf(one);
    if (problem === undefined) {
      return [];
    }
    const { message, remedy } = new BreakwatchError('RULE_VALUE_INVALID', {
      operator: operator.name,
      problem: problem.endsWith('?') ? problem : `${problem}.`,
    });
    return [
      {
        pointer: `${pointer}/value${Array.isArray(value) ? `/${index}` : ''}`,
        check: 'value',
        message: `RULE_VALUE_INVALID: ${message} ${remedy}`,
      },
    ];
  });
}
