/** Levels of the log, quietest last. */
export type LogLevel = 'error' | 'warn' | 'info';

/**
 * Writes one line to standard error: time (ISO 8601 UTC), level, message. Callers give messages of
 * catalogued errors only, which carry no secret.
 */
export function log(level: LogLevel, message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${message.replaceAll('\n', ' ')}\n`);
}
