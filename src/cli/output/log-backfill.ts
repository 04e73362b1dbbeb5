import type { Log } from '../../model/log.ts';
import type { EngineHealth } from '../../model/query.ts';
import { printBackfill } from './print-status.ts';

const EVERY_MS = 5_000;
/** A line for each tenth of the way. */
const STEP = 0.1;

/**
 * Writes to the log how back-fill comes along: when it begins, at each tenth, and at its end.
 *
 * @param health - asked every few seconds
 * @returns ends it
 */
export function logBackfill(
  health: () => Promise<Pick<EngineHealth, 'accounts'>>,
  log: Log,
  everyMs = EVERY_MS,
): () => void {
  const notified = new Map<string, number>();
  let asking = false;
  const look = async () => {
    if (asking) {
      return;
    }
    asking = true;
    // A store that does not answer is told of elsewhere.
    const { accounts } = await health().catch(() => ({ accounts: [] }));
    asking = false;
    for (const { account, backfill } of accounts) {
      if (!backfill) {
        continue;
      }
      const { from, to, remainingMs, done } = backfill;
      const step = done ? 1 / STEP : Math.floor((1 - remainingMs / Math.max(1, to - from)) / STEP);
      const name = `${account} ${from}`;
      // What was over before anybody looked is no news.
      if (notified.get(name) !== step && !(done && !notified.has(name))) {
        log('info', `account ${account}: ${printBackfill(backfill)}`);
      }
      if (!done || notified.has(name)) {
        notified.set(name, step);
      }
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
