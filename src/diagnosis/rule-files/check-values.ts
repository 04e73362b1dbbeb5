import type { ErrorCode } from '../../model/error-catalogue.ts';
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

/** docs/errors.md says more. */
const CODE: ErrorCode = 'RULE_VALUE_INVALID';

/** Puts what was probably meant before what is wrong. */
function meantFirst(problem: string): string {
  const [, wrong, meant] = /^(.*); (did you mean .*\?)$/s.exec(problem) ?? [];
  return meant === undefined ? problem : `${meant} ${wrong}`;
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
    return [
      {
        pointer: `${pointer}/value${Array.isArray(value) ? `/${index}` : ''}`,
        check: 'value',
        message: `${meantFirst(problem)} (${CODE})`,
      },
    ];
  });
}
