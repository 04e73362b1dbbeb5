import { maskSecrets } from '../../secrets/mask-secrets.ts';

/** Levels of the log, quietest last. */
export type LogLevel = 'error' | 'warn' | 'info';

/**
 * Writes one line to standard error: time (ISO 8601 UTC), level, message. Messages are of catalogued
 * errors, which carry no secret; they are masked all the same, as a log is read by many.
 */
export function log(level: LogLevel, message: string): void {
  process.stderr.write(
    `${new Date().toISOString()} ${level} ${maskSecrets(message).replaceAll('\n', ' ')}\n`,
  );
}
