import { BreakwatchError } from '../../model/errors.ts';
import type { CarriedError } from './worker-messages.ts';

/** An error as it crosses threads; one of SQLite's own is a `STORE_FAILED`. */
export function carryError(thrown: unknown): CarriedError {
  if (thrown instanceof BreakwatchError) {
    return { code: thrown.code, details: thrown.details };
  }
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'STORE_FAILED', details: { problem } };
}
