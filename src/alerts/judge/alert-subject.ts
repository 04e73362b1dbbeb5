import type { AlertKind, AlertLabels, AlertValues, RuleAlert } from '../../model/alert.ts';
import type { Card } from '../../model/card/card.ts';
import type { Incident } from '../../model/incident.ts';
import { SEVERITIES, type Severity, UNSTEADY } from '../../model/vocabulary.ts';

/** One way in which the condition of an alert may hold. */
export interface Trigger {
  labels: AlertLabels;
  /** Since when it has held without a break, epoch ms UTC. */
  since: number;
  /** How long it has to hold before it is told. */
  forMs: number;
  /** Nothing wider can show up, so nothing is waited for to see how wide it is. */
  isWide: boolean;
  /** What it is about still goes on, whatever else of the subject does. */
  isOngoing: boolean;
  runbook: string;
}

/** What an alert may be about, as it stands now. */
export interface Subject {
  kind: AlertKind;
  /** The same for as long as it is the same thing, also over several alerts. */
  key: string;
  startsAt: number;
  values: AlertValues;
  /** When something last happened to it, epoch ms UTC. */
  lastAt: number;
  /** Something that it hit was back, and was hit again. */
  isRecurring: boolean;
  /** A text that changes when it gets another scope. */
  scope: string;
  /** The best first; empty when its condition does not hold now. */
  triggers: Trigger[];
  /**
   * Since when it is over, and until when a further break would still belong to it; null while it
   * lasts.
   */
  over: { since: number; until: number } | null;
  /** Why it need not be told; null when it has to be. */
  mutedBy: string | null;
  /** Null for what is no incident. */
  incident: Incident | null;
  card(): Card;
  /** The rule's part that a claim was made from. */
  alertOf(ruleId: string): RuleAlert | undefined;
}

/** Tells whether labels are of one place and one kind of cause. */
export function isSameProblem(a: AlertLabels, b: AlertLabels): boolean {
  return (
    a.account === b.account &&
    a.scope === b.scope &&
    a.scopeValue === b.scopeValue &&
    (a.category === b.category || isUnsteady(a, b))
  );
}

/** Tells whether labels are both of causes that one unsteady stream shows in turn. */
export function isUnsteady(...labels: AlertLabels[]): boolean {
  return labels.every(({ category }) => UNSTEADY.includes(category));
}

/** The louder of two severities comes first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** When a claim is good for firing. */
export function readyAt(trigger: Trigger, pendingSince: number, scopeHoldMs: number): number {
  const wide = pendingSince + (trigger.isWide ? 0 : scopeHoldMs);
  return Math.max(wide, trigger.since + trigger.forMs);
}
