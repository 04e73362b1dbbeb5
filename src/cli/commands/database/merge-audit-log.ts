import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Puts the lines of another data folder's audit log before those of a log, unless they are there. Nothing
 * happens when both are one file, or when there is no other log.
 */
export function mergeAuditLog(from: string, to: string): void {
  if (resolve(from) === resolve(to) || !existsSync(from)) {
    return;
  }
  const earlier = readFileSync(from, 'utf8');
  const later = existsSync(to) ? readFileSync(to, 'utf8') : '';
  if (later.startsWith(earlier)) {
    return;
  }
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const partial = `${to}.partial`;
  writeFileSync(partial, `${earlier}${later}`, { mode: 0o600 });
  renameSync(partial, to);
}
