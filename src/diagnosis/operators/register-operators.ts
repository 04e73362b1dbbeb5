import { OWN_OPERATORS } from './own-operators.ts';

/** The part of json-rules-engine's Engine that is needed here. */
interface OperatorHost {
  addOperator(name: string, compare: (fact: unknown, value: unknown) => boolean): unknown;
}

/**
 * Adds the operators of Breakwatch to an engine of json-rules-engine, so that a rule file means the same there:
 *
 * ```js
 * import { Engine } from 'json-rules-engine';
 * import { registerOperators } from 'breakwatch/operators';
 * const engine = registerOperators(new Engine([], { allowUndefinedFacts: true }));
 * ```
 *
 * Decorators such as `not:inCidr` work too. Create the engine with `allowUndefinedFacts`, because an event rarely
 * has all facts. The operators check no value; `breakwatch rules lint` does.
 *
 * @returns the engine
 */
export function registerOperators<E extends OperatorHost>(engine: E): E {
  for (const { name, compare } of OWN_OPERATORS) {
    engine.addOperator(name, compare);
  }
  return engine;
}
