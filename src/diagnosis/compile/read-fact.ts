import { ConditionError, type FactSnapshot } from './engine-rule.ts';

/** Reads one value from a snapshot; undefined when it is missing. */
export type ReadFact = (facts: FactSnapshot) => unknown;

const NAME = String.raw`[\p{L}\p{N}_-]+`;
const STEP = String.raw`(?:\.${NAME}|\[\d+\])`;
const PATH = new RegExp(`^(?:\\$${STEP}+|${NAME}${STEP}*)$`, 'u');

/**
 * Splits a path such as `a.b[0]` or `$.a.b` into its steps.
 *
 * Only names and indexes are allowed: filters would run code, and wildcards would return lists. A single
 * name that every object inherits (`toString`) is refused too, because json-rules-engine cannot read it.
 *
 * @returns undefined when the path is outside this subset
 */
function parsePath(path: string): string[] | undefined {
  if (!PATH.test(path) || path in Object.prototype) {
    return undefined;
  }
  return path
    .replace(/^\$/, '')
    .split(/[.[\]]+/)
    .filter((step) => step !== '');
}

/** Whether every object inherits this key, so that reading it needs a check. */
export function isInherited(name: string): boolean {
  return name in Object.prototype;
}

/**
 * Creates the function that reads a fact. As in json-rules-engine, a path applies only to objects and
 * lists. For other values it is ignored.
 *
 * @param steps - from `parsePath`; undefined reads the fact itself
 */
export function readerOf(fact: string, steps: readonly string[] | undefined): ReadFact {
  const read: ReadFact = isInherited(fact)
    ? (facts) => (Object.hasOwn(facts, fact) ? facts[fact] : undefined)
    : (facts) => facts[fact];
  if (!steps) {
    return read;
  }
  return (facts) => {
    let value = read(facts);
    if (value === null || typeof value !== 'object') {
      return value;
    }
    for (const step of steps) {
      // A falsy value ends the path. Strings have own keys too: their length and characters.
      if (!value || !Object.hasOwn(value as object, step)) {
        return undefined;
      }
      value = (value as Record<string, unknown>)[step];
    }
    return value;
  };
}

/**
 * Reads the fact that a comparison, or the value of a comparison, names.
 *
 * @param pointer - JSON pointer to that object
 * @throws ConditionError when the fact is not a string, or the path is outside the subset
 */
export function factAt(
  json: Readonly<Record<string, unknown>>,
  pointer: string,
): { fact: string; path?: string; read: ReadFact } {
  const { fact, path } = json;
  if (typeof fact !== 'string') {
    throw new ConditionError(`${pointer}/fact`, 'the name of the fact must be a string');
  }
  if (path === undefined || path === '') {
    return { fact, read: readerOf(fact, undefined) };
  }
  const steps = typeof path === 'string' ? parsePath(path) : undefined;
  if (!steps) {
    throw new ConditionError(
      `${pointer}/path`,
      `the path ${JSON.stringify(path)} must be names and indexes only, such as "a.b[0]"`,
    );
  }
  return { fact, path: path as string, read: readerOf(fact, steps) };
}
