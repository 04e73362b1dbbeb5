import { schedule } from 'node-cron';
import { PollAccount, type PollAccountOptions } from './poll-account.ts';

/** The options of {@link startPoller}. */
export interface PollerOptions
  extends Omit<PollAccountOptions, 'pollSeconds' | 'backfillMs' | 'now'> {
  /** Time between polls, 1 to 59 s; 10 when absent. */
  pollSeconds?: number;
  /** How far back the first poll reaches, ms; 24 h when absent. The API keeps 60 days. */
  backfillMs?: number;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

/** Polling of one account. */
export interface Poller {
  /** Stops polling and cancels work in flight; resolves once it has stopped. */
  close(): Promise<void>;
}

const POLL_SECONDS = 10;
const BACKFILL_MS = 86_400_000;
/** Interval at which we check whether the clock was set back, ms. */
const CLOCK_CHECK_EVERY_MS = 1_000;

const silent = { info() {}, warn() {}, error() {}, debug() {} };

/**
 * Polls one account now, and then every few seconds with node-cron. Polls never overlap. Each account
 * has its own poller, so one that hangs or is refused does not delay the others. Failures are reported
 * with `onStatus`, and polling continues.
 */
export function startPoller(options: PollerOptions): Poller {
  const pollSeconds = Math.min(59, Math.max(1, Math.round(options.pollSeconds ?? POLL_SECONDS)));
  const stop = new AbortController();
  const account = new PollAccount(
    { backfillMs: BACKFILL_MS, now: Date.now, ...options, pollSeconds },
    stop.signal,
  );
  let running: Promise<void> | undefined;

  // node-cron does not start the first poll, so its own overlap check does not see it.
  function poll(): Promise<void> {
    running ??= account
      .poll()
      // Only an onStatus that throws gets here; it must not end the process.
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  const startTask = () =>
    schedule(`*/${pollSeconds} * * * * *`, poll, {
      name: `poll:${options.account}`,
      noOverlap: true,
      logger: silent,
      suppressMissedWarning: true,
      // On a busy machine, a late poll still runs if the next one is not due yet.
      missedExecutionTolerance: pollSeconds * 1_000,
    });
  let task = startTask();
  poll();
  // node-cron waits for a point in time. After the clock was set back, that may be hours away.
  let seenAt = Date.now();
  const clockCheck = setInterval(() => {
    const at = Date.now();
    if (at < seenAt) {
      void task.destroy();
      task = startTask();
    }
    seenAt = at;
  }, CLOCK_CHECK_EVERY_MS);

  return {
    async close() {
      clearInterval(clockCheck);
      await task.destroy();
      stop.abort(new Error('polling was stopped'));
      await running;
      options.client.close();
    },
  };
}
