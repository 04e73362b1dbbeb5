import type { Log } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';

/**
 * Writes one line to standard error: time (ISO 8601 UTC), level, message. Messages are masked,
 * although errors are masked already, because many people read a log.
 */
export const log: Log = (level, message) => {
  process.stderr.write(
    `${new Date().toISOString()} ${level} ${maskSecrets(message).replaceAll('\n', ' ')}\n`,
  );
};

/** Writes a thrown error to standard error: code, message and remedy. */
export function reportError(thrown: unknown): void {
  const error = asBreakwatchError(thrown);
  process.stderr.write(`${error.code}: ${error.message}\n  What to do: ${error.remedy}\n`);
}
