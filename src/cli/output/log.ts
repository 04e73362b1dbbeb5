import { showInvisible } from '../../model/card/segments.ts';
import type { Log } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { printable } from './printable.ts';

/**
 * Writes one line to standard error: time (ISO 8601 UTC), level, message. Messages are masked,
 * although errors are masked already, because many people read a log. Control characters are escaped:
 * anybody who reaches the callback address can put some into the name of an account.
 */
export const log: Log = (level, message) => {
  const line = showInvisible(maskSecrets(message).replaceAll('\n', ' '));
  process.stderr.write(`${new Date().toISOString()} ${level} ${line}\n`);
};

/** Writes a thrown error to standard error: code, message and remedy. */
export function reportError(thrown: unknown): void {
  const error = asBreakwatchError(thrown);
  process.stderr.write(
    `${error.code}: ${printable(error.message)}\n  What to do: ${printable(error.remedy)}\n`,
  );
}
