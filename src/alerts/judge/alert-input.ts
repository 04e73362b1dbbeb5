import type { AlertInstance, RuleAlert } from '../../model/alert.ts';
import type { Card } from '../../model/card/card.ts';
import type { Incident } from '../../model/incident.ts';
import type { MuteIntervals } from '../../model/mute-intervals.ts';
import type { AlertNotice } from '../../model/notice.ts';
import type { Forewarning } from '../../model/push.ts';

/** What the API says of an account's CSS service; `unknown` while nothing was asked. */
export type AccountService = 'ok' | 'arrears' | 'stopped' | 'unknown';

/** What alerts need to know of an account. */
export interface AlertAccount {
  account: string;
  /** Nothing can be seen of it. */
  blind: boolean;
  /** Epoch ms UTC; null while it is not blind. */
  blindSince: number | null;
  service: AccountService;
}

/** Windows of alerts; all times in ms. */
export interface AlertOptions {
  /** How long a new alert waits for its scope to show, where its cause is not account-wide anyway. */
  scopeHoldMs: number;
  /** Between two notices of an alert that grows, at least. */
  growthIntervalMs: number;
  /** Between two notices of an alert that just lasts. */
  repeatIntervalMs: number;
  /** Longest time after the recovery until which a break belongs to the same alert. */
  holdMs: number;
  /** How many cuts of one stream within `flapWindowMs` are flapping … */
  flapBreaks: number;
  flapWindowMs: number;
  /** … which is over when it has been live for so long. */
  steadyMs: number;
  /** What was last heard of longer ago than this when it first came up is history, and rings nobody. */
  staleMs: number;
  /** How long resolved alerts are kept, so that nothing late tells of them again. */
  forgetMs: number;
}

/** The windows that are used when none are named. */
export const ALERT_OPTIONS: AlertOptions = {
  scopeHoldMs: 3_000,
  growthIntervalMs: 60_000,
  repeatIntervalMs: 3_600_000,
  holdMs: 300_000,
  flapBreaks: 3,
  flapWindowMs: 600_000,
  steadyMs: 900_000,
  staleMs: 3_600_000,
  forgetMs: 86_400_000,
};

/** What is judged. Times are epoch ms UTC; no list has an order. */
export interface AlertInput {
  /** What the judgement before gave, as far as it was not forgotten. */
  previous: readonly AlertInstance[];
  /** All that are open or may still reopen, and those that just resolved. */
  incidents: readonly Incident[];
  forewarnings: readonly Forewarning[];
  accounts: readonly AlertAccount[];
  /** The `alert` part of a rule in force. */
  alertOf(ruleId: string): RuleAlert | undefined;
  mute: MuteIntervals;
  /**
   * The card of an incident.
   *
   * @param mute - name of the mute interval that keeps it from notifying; null when none does
   */
  cardOf(incident: Incident, mute: string | null): Card;
  now: number;
  options?: AlertOptions;
}

/** What judging gives. */
export interface AlertOutcome {
  /** By id. */
  instances: AlertInstance[];
  /** What has to be told now, by alert and in the order in which it has to be. */
  notices: AlertNotice[];
  /** When to judge again though nothing arrives, epoch ms UTC; null when time alone changes nothing. */
  wakeAt: number | null;
}
