import type { Card } from './card/card.ts';
import type { Category, Severity } from './vocabulary.ts';

/**
 * `pending`: the condition holds, but not for long enough yet, or the scope is not certain yet;
 * `firing`; `resolved`.
 */
export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/**
 * What an alert is about: an incident; pushes whose next reconnect will fail; an account in arrears or
 * with a stopped service; an account whose breaks cannot be collected.
 */
export const ALERT_KINDS = ['incident', 'forewarning', 'account', 'blind'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/**
 * Labels of an alert. They stay the same from firing to resolved, because receivers treat other labels as
 * another alert; values and annotations carry what changes. Only a rising severity adds a second label
 * set, once, beside the old one; see {@link AlertInstance.raised}.
 */
export interface AlertLabels extends Record<string, string> {
  /** Name of the alert in Prometheus terms, e.g. `BreakwatchIncident`. */
  alertname: string;
  account: string;
  category: Category;
  severity: Severity;
  /** Kind of scope, e.g. `domain`. */
  scope: string;
  scopeValue: string;
  /** Id of the rule whose `alert` part fired; empty when there is none. */
  rule: string;
  /** Id of the incident; empty when there is none. */
  incident: string;
}

/** Numbers that change while an alert fires. */
export interface AlertValues {
  /** Minutes without a push, summed over streams. */
  minutes: number;
  streams: number;
  streamsDown: number;
  /** Part of the live pushes of the scope, 0 to 1; null when unknown. */
  share: number | null;
}

/** The labels by which receivers know an alert, and the texts that go with them. */
export interface AlertLabelSet {
  labels: AlertLabels;
  /** Name of the runbook, without folder or ending; empty when there is none. */
  runbook: string;
  /** Cause and next step when it got these labels, for receivers that need texts that stay the same. */
  settled?: Card;
}

/** One alert with its state. Times are epoch ms UTC. */
export interface AlertInstance extends AlertLabelSet {
  /** Stays the same until it is resolved; receivers use it to recognize repeats. */
  id: string;
  kind: AlertKind;
  state: AlertState;
  values: AlertValues;
  /** Start time of its subject, e.g. of the incident. */
  startsAt: number;
  /** When its condition first held. */
  pendingSince: number;
  firingSince: number | null;
  resolvedAt: number | null;
  /** Time of the last change that people should see. */
  updatedAt: number;
  /** Id of the alert that inhibits this one; null when none does. */
  inhibitedBy: string | null;
  /** Name of the mute interval that keeps it from notifying; null when none does. */
  mutedBy: string | null;
  /** What it says; every edge renders it in its reader's language and time zone. Empty when unknown. */
  card: Card;
  /** Time of the last notice of each kind; null before the first. */
  notified: { page: number | null; update: number | null; resolve: number | null };
  /** Its size at the last notice; absent before the first. */
  notifiedAs?: { streams: number; scope: string };
  /**
   * Present when its severity rose after a notice: when, epoch ms UTC, and its label set before.
   * `silently`: an unsteady stream shows another cause, so only receivers without an earlier page get one.
   */
  raised?: { at: number; from: AlertLabelSet; silently?: boolean };
  /** It was resolved without a recovery, because there were no more push attempts. */
  silent?: boolean;
  /** When its subject ended, although it may come back; null or absent before. */
  clearSince?: number | null;
}

/** `page` needs attention now; `update` reports changes without paging again; `resolve` ends it. */
export const NOTICE_KINDS = ['page', 'update', 'resolve'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One message about an alert, sent once through every channel. */
export interface AlertNotice {
  /** `<alert id>:<kind>:<number>`; a repeat has the same. */
  id: string;
  /** An alert has one page, and a second one when its severity rises. */
  kind: NoticeKind;
  /** Epoch ms UTC. */
  at: number;
  /** The alert at that time. */
  alert: AlertInstance;
  /** The severity rose: a second page, or an update for channels whose filter excludes that page. */
  raised?: boolean;
  /** A resolve whose page was never sent on this channel, so it is the only message about the alert. */
  missed?: boolean;
  /** It waited so long that the message should say when it was due. */
  late?: boolean;
  /** Somebody checks that the channel works; nothing is wrong. */
  test?: boolean;
}

/** Where notices go: a webhook, a chat or Alertmanager. */
export interface NotificationChannel {
  /** Its name in logs, metrics and the outbox. */
  readonly name: string;
  /**
   * Sends notices in order. Resolves when the receiver has accepted them, with its answer as a short
   * text without secrets.
   *
   * @throws `NOTIFICATION_FAILED` when another attempt may succeed, `NOTIFICATION_REFUSED` when it will not
   */
  send(notices: readonly AlertNotice[], signal: AbortSignal): Promise<string>;
  /**
   * Sends all firing alerts again, for receivers that forget alerts which are not repeated. Called about
   * once a minute.
   *
   * @throws `NOTIFICATION_FAILED`
   */
  refresh?(firing: readonly AlertInstance[], signal: AbortSignal): Promise<void>;
}
