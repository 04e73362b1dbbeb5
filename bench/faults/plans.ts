import type { FaultPlan } from './run-faults.ts';

/** Some minutes of faults, with retries ten times faster than those of CSS. */
export const FULL: FaultPlan = {
  seed: 1,
  streams: 16,
  historyMs: 10 * 60_000,
  liveMs: 180_000,
  kills: 10,
  outageMs: 60_000,
  callbackRetryMs: 6_000,
  callbackDelayMs: 8_000,
  callbackDropPercent: 5,
  callbackDuplicatePercent: 20,
  apiFailurePercent: 30,
  apiTimeoutsUntilMs: Infinity,
  settleMs: 240_000,
};

/**
 * The same in seconds, for the tests. CSS retries twelve times, which is long enough for a slow start
 * of the server on a busy machine.
 */
export const SHORT: FaultPlan = {
  ...FULL,
  streams: 10,
  historyMs: 2 * 60_000,
  liveMs: 30_000, // Room for two restarts on a busy machine, with time in which callbacks arrive.
  kills: 2,
  outageMs: 2_000,
  apiTimeoutsUntilMs: 5_000,
  callbackRetryMs: 3_000,
  callbackDelayMs: 1_500,
  settleMs: 90_000,
};
