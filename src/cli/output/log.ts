import type { Log } from '../../model/log.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';

/**
 * Writes one line to standard error: time (ISO 8601 UTC), level, message. Messages are of catalogued
 * errors, which carry no secret; they are masked all the same, as a log is read by many.
 */
export const log: Log = (level, message) => {
  process.stderr.write(
    `${new Date().toISOString()} ${level} ${maskSecrets(message).replaceAll('\n', ' ')}\n`,
  );
};
