import type { AlertInstance, RuleAlert } from '../../model/alert.ts';
import type { Card } from '../../model/card/card.ts';
import type { Incident } from '../../model/incident.ts';
import type { MuteIntervals } from '../../model/mute-intervals.ts';
import type { AlertNotice } from '../../model/notice.ts';
import type { Forewarning } from '../../model/push.ts';

/** State of an account's CSS service as the API reports it; `unknown` before the first answer. */
type AccountService = 'ok' | 'arrears' | 'stopped' | 'unknown';

/** State of an account that alerts depend on. */
export interface AlertAccount {
  account: string;
  /** Its breaks cannot be collected now. */
  blind: boolean;
  /** Epoch ms UTC; null while it is not blind. */
  blindSince: number | null;
  service: AccountService;
  /** When its list of live streams was last read, epoch ms UTC; null or absent when it is not read. */
  liveListAt?: number | null;
}

/** Time windows and thresholds of alerts; all times in ms. */
export interface AlertOptions {
  /** How long a new alert waits until its scope is clear; not used when the cause is account-wide. */
  scopeHoldMs: number;
  /** Min interval between two notices of an alert that grows. */
  growthIntervalMs: number;
  /** Interval between two notices of an alert that does not change. */
  repeatIntervalMs: number;
  /** A single stream that heals within this time does not notify, unless it needs a fix or flaps. */
  graceMs: number;
  /**
   * How much longer such a stream waits at most for a list of live streams that was read after `graceMs`: the
   * callback of its next push may be lost or late. Only where lists are read, which is once a minute.
   */
  confirmMs: number;
  /** Max time after the recovery in which a new break belongs to the same alert. */
  holdMs: number;
  /** Number of breaks of one stream within `flapWindowMs` that count as flapping. */
  flapBreaks: number;
  flapWindowMs: number;
  /** Flapping is over when the stream has been live for this long. */
  steadyMs: number;
  /** A new alert whose last event is older than this is history and does not notify. */
  staleMs: number;
  /** How long resolved alerts are kept, so that a late event does not alert again. */
  forgetMs: number;
}

/** The default options. */
export const ALERT_OPTIONS: AlertOptions = {
  scopeHoldMs: 3_000,
  growthIntervalMs: 60_000,
  repeatIntervalMs: 3_600_000,
  graceMs: 60_000,
  confirmMs: 75_000,
  holdMs: 300_000,
  flapBreaks: 3,
  flapWindowMs: 600_000,
  steadyMs: 900_000,
  staleMs: 3_600_000,
  forgetMs: 86_400_000,
};

/** Input of `judgeAlerts`. Times are epoch ms UTC; the order of lists does not matter. */
export interface AlertInput {
  /** The alerts of the previous outcome. */
  previous: readonly AlertInstance[];
  /** Incidents that are open, may reopen, or have just ended. */
  incidents: readonly Incident[];
  forewarnings: readonly Forewarning[];
  accounts: readonly AlertAccount[];
  /** Returns the `alert` part of an active rule; undefined when it has none. */
  alertOf(ruleId: string): RuleAlert | undefined;
  mute: MuteIntervals;
  /**
   * Makes the card of an incident.
   *
   * @param mute - name of the mute interval that keeps it from notifying; null when none does
   */
  cardOf(incident: Incident, mute: string | null): Card;
  now: number;
  options?: AlertOptions;
}

/** The result of `judgeAlerts`. */
export interface AlertOutcome {
  /** Sorted by id. */
  instances: AlertInstance[];
  /** Notices to send now, grouped by alert and in the order in which to send them. */
  notices: AlertNotice[];
  /** When to judge again if no event arrives, epoch ms UTC; null when time alone changes nothing. */
  wakeAt: number | null;
}
