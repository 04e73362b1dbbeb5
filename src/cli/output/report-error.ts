import { asBreakwatchError } from '../../secrets/masked-error.ts';

/** Writes a thrown error to standard error: code, message and remedy. */
export function reportError(thrown: unknown): void {
  const error = asBreakwatchError(thrown);
  process.stderr.write(`${error.code}: ${error.message}\n  What to do: ${error.remedy}\n`);
}
