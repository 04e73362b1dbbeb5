import type { FactSnapshot } from './engine-rule.ts';
import { isInherited } from './read-fact.ts';
import type { CompareTest, TestNode } from './test-node.ts';

/** Tests a snapshot. Throws if json-rules-engine would throw. */
export type RunTest = (facts: FactSnapshot) => boolean;

/**
 * A fast path of the order operators for two numbers. Other values go through the full operator, except
 * a missing fact, which never matches.
 */
function closeOrder(test: CompareTest, limit: number): RunTest | undefined {
  const { read, compare } = test;
  switch (test.operator) {
    case 'lessThan':
      return (facts) => {
        const fact = read(facts);
        return typeof fact === 'number' ? fact < limit : fact !== undefined && compare(fact, limit);
      };
    case 'lessThanInclusive':
      return (facts) => {
        const fact = read(facts);
        return typeof fact === 'number'
          ? fact <= limit
          : fact !== undefined && compare(fact, limit);
      };
    case 'greaterThan':
      return (facts) => {
        const fact = read(facts);
        return typeof fact === 'number' ? fact > limit : fact !== undefined && compare(fact, limit);
      };
    case 'greaterThanInclusive':
      return (facts) => {
        const fact = read(facts);
        return typeof fact === 'number'
          ? fact >= limit
          : fact !== undefined && compare(fact, limit);
      };
    default:
      return undefined;
  }
}

function closeComparison(test: CompareTest): RunTest {
  const { read, compare, value, other, operator, fact: name } = test;
  if (other) {
    const readOther = other.read;
    return (facts) => compare(read(facts), readOther(facts));
  }
  if (typeof value === 'number') {
    const order = closeOrder(test, value);
    if (order) {
      return order;
    }
  }
  if (operator === 'equal') {
    return test.path === undefined && !isInherited(name)
      ? (facts) => facts[name] === value
      : (facts) => read(facts) === value;
  }
  return (facts) => compare(read(facts), value);
}

/** Converts a test into closures. It generates no code from text, so it also runs where that is forbidden. */
export function closeTest(test: TestNode): RunTest {
  switch (test.kind) {
    case 'constant': {
      const { value } = test;
      return () => value;
    }
    case 'compare':
      return closeComparison(test);
    case 'not': {
      const part = closeTest(test.part);
      return (facts) => !part(facts);
    }
    case 'strict': {
      const deciding = test.join === 'or';
      const throwers = test.throwers.map(closeTest);
      const rest = closeTest(test.rest);
      return (facts) => {
        let decided = false;
        for (const thrower of throwers) {
          // No short circuit, because each must be able to throw.
          decided = thrower(facts) === deciding || decided;
        }
        return decided ? deciding : rest(facts);
      };
    }
    default: {
      const parts = test.parts.map(closeTest);
      const [first, second, third] = parts as [RunTest, RunTest, RunTest];
      if (test.kind === 'and') {
        switch (parts.length) {
          case 2:
            return (facts) => first(facts) && second(facts);
          case 3:
            return (facts) => first(facts) && second(facts) && third(facts);
          default:
            return (facts) => {
              for (const part of parts) {
                if (!part(facts)) {
                  return false;
                }
              }
              return true;
            };
        }
      }
      return parts.length === 2
        ? (facts) => first(facts) || second(facts)
        : (facts) => {
            for (const part of parts) {
              if (part(facts)) {
                return true;
              }
            }
            return false;
          };
    }
  }
}
