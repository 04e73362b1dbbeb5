import type { ErrorCode } from '../model/error-catalogue.ts';
import { BreakwatchError, type ErrorDetails } from '../model/errors.ts';
import { maskSecrets } from './mask-secrets.ts';

/**
 * Creates an error and masks the secrets in its details. Use it instead of
 * `new BreakwatchError(code, details)` when a detail may quote text from outside: a path, an account name,
 * the answer of an API or a line of a file.
 *
 * @param details - values for the placeholders of the message and the remedy
 */
export function maskedError(
  code: ErrorCode,
  details: ErrorDetails,
  options?: { cause?: unknown },
): BreakwatchError {
  return new BreakwatchError(code, maskSecrets(details), options);
}

/**
 * Returns a BreakwatchError as it is. Wraps anything else that was thrown as `INTERNAL`, with the
 * secrets in its message masked, so that callers always have a code and a remedy to show.
 */
export function asBreakwatchError(thrown: unknown): BreakwatchError {
  if (thrown instanceof BreakwatchError) {
    return thrown;
  }
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return maskedError('INTERNAL', { problem }, { cause: thrown });
}
