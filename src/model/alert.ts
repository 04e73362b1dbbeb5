import type { Card } from './card/card.ts';
import type { Category, Severity } from './vocabulary.ts';

/**
 * `pending`: its condition holds, but not for long enough, or how wide it is has still to be seen;
 * `firing`; `resolved`.
 */
export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/**
 * What an alert is about: an incident; pushes whose next reconnect will fail; an account whose service
 * state or balance will stop it; an account of which nothing can be seen.
 */
export const ALERT_KINDS = ['incident', 'forewarning', 'account', 'blind'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/**
 * Labels of an alert. They are settled when it begins to fire and stay until it is resolved, because
 * every receiver takes other labels for another alert. What changes meanwhile stands in values and
 * annotations. Only a severity that rises makes new ones, once, beside which the old ones stay in force;
 * see {@link AlertInstance.raised}.
 */
export interface AlertLabels extends Record<string, string> {
  /** `BreakwatchIncident` and the like: what Prometheus calls the alert's name. */
  alertname: string;
  account: string;
  category: Category;
  severity: Severity;
  /** Kind of scope, e.g. `domain`. */
  scope: string;
  scopeValue: string;
  /** The rule whose `alert` part fired; empty where none did. */
  rule: string;
  /** Id of the incident; empty where there is none. */
  incident: string;
}

/** What changes while an alert fires. */
export interface AlertValues {
  /** Minutes without a push, summed over streams. */
  minutes: number;
  streams: number;
  streamsDown: number;
  /** Part of the live pushes of the scope, 0 to 1; null when that is not known. */
  share: number | null;
}

/** What receivers know an alert by. */
export interface AlertLabelSet {
  labels: AlertLabels;
  /** Name of the runbook, without folder or ending; empty when there is none. */
  runbook: string;
  /** Cause and next step when it got these labels, for receivers that need texts that stay the same. */
  settled?: Card;
}

/** One alert and where it stands. Times are epoch ms UTC. */
export interface AlertInstance extends AlertLabelSet {
  /** The same for as long as it lasts, and the one key by which every receiver tells repeats apart. */
  id: string;
  kind: AlertKind;
  state: AlertState;
  values: AlertValues;
  /** When what it is about began. */
  startsAt: number;
  /** When its condition first held. */
  pendingSince: number;
  firingSince: number | null;
  resolvedAt: number | null;
  /** The last change that is worth telling. */
  updatedAt: number;
  /** Id of the alert that makes this one needless to tell; null when it has to be told. */
  inhibitedBy: string | null;
  /** Name of the maintenance window that keeps it quiet; null when none does. */
  mutedBy: string | null;
  /** What it says; every edge renders it in its reader's language and time zone. Empty when unknown. */
  card: Card;
  /** When somebody was last told, by kind of notice. */
  notified: { page: number | null; update: number | null; resolve: number | null };
  /** How big it was when somebody was last told; absent while nobody was. */
  notifiedAs?: { streams: number; scope: string };
  /**
   * It became more severe after somebody was told: when, epoch ms UTC, and what it was told as before.
   * Absent when it did not. `quietly`: one unsteady stream shows another cause, which rings those alone
   * who were not told of it before.
   */
  raised?: { at: number; from: AlertLabelSet; silently?: boolean };
  /** Of a resolved one: it did not recover, but nobody tried to push any more. */
  silent?: boolean;
  /** Since when what it is about is over, though it may come back; null or absent while it lasts. */
  clearSince?: number | null;
}

/** `page`: look at it now; `update`: how it goes on, without another ring; `resolve`: it is over. */
export const NOTICE_KINDS = ['page', 'update', 'resolve'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Something that has to be told, once, through every way out. */
export interface AlertNotice {
  /** `<alert id>:<kind>:<number>`; a repeat has the same. */
  id: string;
  /** An alert has one page, and a second one when its severity rises. */
  kind: NoticeKind;
  /** Epoch ms UTC. */
  at: number;
  /** As it stood then. */
  alert: AlertInstance;
  /** It tells that the severity rose: a second page, or an update for those who take no such page. */
  raised?: boolean;
  /** Of a resolve: its page never went out by this way, so this is all that its readers hear of it. */
  missed?: boolean;
  /** It waited for so long that its reader has to be told when that was. */
  late?: boolean;
  /** Nothing is wrong: somebody tries whether the way out works. */
  test?: boolean;
}

/** A way out. */
export interface NotificationChannel {
  /** Names the way out in logs, metrics and the list of what could not be sent. */
  readonly name: string;
  /**
   * Tells of notices, in order. Resolves when the receiver has them, with what it answered, in a few
   * words for people and without any secret.
   *
   * @throws `NOTIFICATION_FAILED` when they have to be tried again, `NOTIFICATION_REFUSED` when that is no use
   */
  send(notices: readonly AlertNotice[], signal: AbortSignal): Promise<string>;
  /**
   * For receivers that forget what is not repeated: all that fires now. Called every minute or so.
   *
   * @throws `NOTIFICATION_FAILED`
   */
  refresh?(firing: readonly AlertInstance[], signal: AbortSignal): Promise<void>;
}
