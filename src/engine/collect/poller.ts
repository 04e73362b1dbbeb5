import { schedule } from 'node-cron';
import { PollAccount, type PollAccountOptions } from './poll-account.ts';

export type { PollState } from './poll-account.ts';

/** What a poller needs. */
export interface PollerOptions
  extends Omit<PollAccountOptions, 'pollSeconds' | 'backfillMs' | 'now'> {
  /** Time between polls, 1 to 59 s; 10 when absent. */
  pollSeconds?: number;
  /** How far back the first poll reaches, ms; 24 h when absent, at most 60 days are there. */
  backfillMs?: number;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

/** Polling of one account. */
export interface Poller {
  /** Ends polling: what is in hand is given up, and resolves once nothing is left of it. */
  close(): Promise<void>;
}

const POLL_SECONDS = 10;
const BACKFILL_MS = 86_400_000;
/** So often it is looked whether the clock was set back. */
const GUARD_EVERY_MS = 1_000;

const silent = { info() {}, warn() {}, error() {}, debug() {} };

/**
 * Polls one account now and then every few seconds, driven by node-cron without overlap: while a
 * poll is in hand, no other begins. Each account has a poller of its own, so one that hangs or is
 * refused delays no other. Failures are told by `onState` and end nothing.
 */
export function startPoller(options: PollerOptions): Poller {
  const pollSeconds = Math.min(59, Math.max(1, Math.round(options.pollSeconds ?? POLL_SECONDS)));
  const stop = new AbortController();
  const account = new PollAccount(
    { backfillMs: BACKFILL_MS, now: Date.now, ...options, pollSeconds },
    stop.signal,
  );
  let running: Promise<void> | undefined;

  // The first poll is not cron's, so cron alone does not see that it is in hand.
  function poll(): Promise<void> {
    running ??= account
      .poll()
      // Only a throwing onState gets here; it must not end the process.
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  const begin = () =>
    schedule(`*/${pollSeconds} * * * * *`, poll, {
      name: `poll:${options.account}`,
      noOverlap: true,
      logger: silent,
      suppressMissedWarning: true,
      // A turn that comes late on a busy machine is taken, as long as the next has not come.
      missedExecutionTolerance: pollSeconds * 1_000,
    });
  let task = begin();
  poll();
  // node-cron waits for the moment of its next turn: after a clock was set back, for hours.
  let seenAt = Date.now();
  const guard = setInterval(() => {
    const at = Date.now();
    if (at < seenAt) {
      void task.destroy();
      task = begin();
    }
    seenAt = at;
  }, GUARD_EVERY_MS);

  return {
    async close() {
      clearInterval(guard);
      await task.destroy();
      stop.abort(new Error('polling was ended'));
      await running;
      options.client.close();
    },
  };
}
