import { LRUCache } from 'lru-cache';
import type { BreakwatchError, Log } from '../model/errors.ts';

const EVERY_MS = 60_000;
/** Account and code pairs; accounts are known ones, so there are never more. */
const MAX_KEPT = 1_000;

/**
 * Logs refused callbacks. The first of each account and error code is logged at once; after that one line a
 * minute says how many followed, because CSS repeats a callback that was refused.
 *
 * @param now - the clock, epoch ms UTC
 */
export function createRefusalLog(
  log: Log,
  now: () => number = Date.now,
): (account: string, error: BreakwatchError) => void {
  const last = new LRUCache<string, { at: number; silent: number }>({ max: MAX_KEPT });
  return (account, error) => {
    const key = `${account} ${error.code}`;
    const before = last.get(key);
    if (before && now() - before.at < EVERY_MS) {
      before.silent += 1;
      return;
    }
    const repeated = before?.silent ? ` (and ${before.silent} more since the last line)` : '';
    last.set(key, { at: now(), silent: 0 });
    const level = error.status >= 500 ? 'error' : 'warn';
    log(
      level,
      `callback of ${account} refused: ${error.code}: ${error.message} ${error.remedy}${repeated}`,
    );
  };
}
