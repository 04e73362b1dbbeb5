import type { Card } from './card/card.ts';
import type { GroupBy } from './query.ts';
import type { AlertState, Category, Severity } from './vocabulary.ts';

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

/**
 * Returns every label set under which receivers know an alert, the oldest first. Receivers that were
 * notified before its severity rose know it by its old labels until it is resolved.
 */
export function labelSetsOf({ labels, runbook, settled, raised }: AlertInstance): AlertLabelSet[] {
  const now: AlertLabelSet = { labels, runbook, ...(settled ? { settled } : {}) };
  return raised ? [raised.from, now] : [now];
}

/**
 * Returns the label sets of {@link labelSetsOf} that one receiver gets. After a rise that must not page
 * again it is only the first of them, because receivers page for each new label set.
 *
 * @param isWanted - whether the receiver gets alerts with these labels
 */
export function labelSetsFor(
  alert: AlertInstance,
  isWanted: (labels: AlertInstance['labels']) => boolean,
): AlertLabelSet[] {
  const labelSets = labelSetsOf(alert).filter(({ labels }) => isWanted(labels));
  return alert.raised?.silently ? labelSets.slice(0, 1) : labelSets;
}

/**
 * When the breaks of a rule page, and how the alert behaves. A duration is a whole number with `s`, `m`,
 * `h` or `d`.
 */
export interface RuleAlert {
  /** A duration, e.g. `5m`. */
  window: string;
  /** Number of breaks of the rule within the window, in one incident and one group. */
  threshold: number;
  /** What breaks must share to be counted together. */
  groupBy: GroupBy[];
  /**
   * Minimum duration of the outage before the alert notifies, for causes that often recover without help.
   * When absent it notifies as soon as the threshold is reached.
   */
  for?: string;
  /**
   * How long the alert keeps firing after the last recovery, so that another break does not page again.
   * The hold time of incidents is its default and its minimum.
   */
  keepFiring?: string;
  /** Severity of the alert; that of the rule when absent. */
  severity?: Severity;
  /**
   * Ids of rules whose alerts do not notify while this one fires, if their breaks have the same `groupBy`
   * values. `*` matches any characters.
   */
  inhibits?: string[];
}
