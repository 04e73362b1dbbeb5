import type { EngineHooks } from '../../engine/engine.ts';
import type { Log } from '../../model/errors.ts';
import type { EngineHealth } from '../../model/health.ts';
import { printBackfill } from './print-status.ts';

/**
 * Creates a hook that logs when the polls of an account start to fail, fail for another reason, or succeed
 * again. Without it, a wrong key would only show in the health.
 */
export function logPolls(log: Log): EngineHooks['polled'] {
  const failing = new Map<string, string>();
  return (account, _durationMs, error) => {
    if (error && failing.get(account) !== error.code) {
      failing.set(account, error.code);
      log('error', `account ${account}: ${error.code}: ${error.message} ${error.remedy}`);
    } else if (!error && failing.delete(account)) {
      log('info', `account ${account}: polls succeed again`);
    }
  };
}

const EVERY_MS = 5_000;
/** One line for each tenth of the back-fill. */
const STEP = 0.1;

/**
 * Logs the progress of the back-fill: its start, each tenth, and its end.
 *
 * @param health - called every `everyMs`
 * @param everyMs - interval in ms
 * @returns a function that stops logging
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
    // Errors of the store are logged elsewhere.
    const { accounts } = await health().catch(() => ({ accounts: [] }));
    asking = false;
    for (const { account, backfill } of accounts) {
      if (!backfill) {
        continue;
      }
      const { from, to, remainingMs, done } = backfill;
      const step = done ? 1 / STEP : Math.floor((1 - remainingMs / Math.max(1, to - from)) / STEP);
      const name = `${account} ${from}`;
      // A back-fill that was done before the first look is not logged.
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
