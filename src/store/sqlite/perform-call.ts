import type { Call } from './worker-messages.ts';

/** What a thread can do, by name. */
export type Operations = Record<string, (...args: never[]) => unknown>;

/** Does one piece of work. Throws what the operation throws. */
export function performCall(
  operations: Operations,
  { operation, args }: Omit<Call, 'id'>,
): unknown {
  const perform = operations[operation];
  if (perform === undefined) {
    throw new Error(`unknown operation ${operation}`);
  }
  return perform(...(args as never[]));
}
