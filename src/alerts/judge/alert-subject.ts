import type { AlertKind, AlertLabels, AlertValues, RuleAlert } from '../../model/alert.ts';
import type { Card } from '../../model/card/card.ts';
import type { Incident } from '../../model/incident.ts';
import { SEVERITIES, type Severity, UNSTEADY_CATEGORIES } from '../../model/vocabulary.ts';

/** A reason to alert: one rule, or one state of an account, whose condition holds. */
export interface Trigger {
  labels: AlertLabels;
  /** Since when the condition holds without interruption, epoch ms UTC. */
  since: number;
  /** How long the condition must hold before the alert fires, ms. */
  forMs: number;
  /** Its scope is already the widest one, so the alert need not wait for a wider one. */
  isWide: boolean;
  /** Its own streams are still down or flapping, whatever the rest of the subject does. */
  isOngoing: boolean;
  /** All its breaks were imported without notifying, so it makes no alert more severe. */
  isQuiet: boolean;
  runbook: string;
}

/** An incident, or a condition of an account, in its current state. An alert has one subject. */
export interface Subject {
  kind: AlertKind;
  /** Identifies the subject; stays the same over several alerts. */
  key: string;
  startsAt: number;
  values: AlertValues;
  /** Time of its last event, epoch ms UTC. */
  lastAt: number;
  /** A stream recovered and broke again. */
  isRecurring: boolean;
  /** All its breaks were imported without notifying. */
  isQuiet: boolean;
  /** Number of streams all of whose breaks were imported without notifying. */
  quietStreams: number;
  /** A text that changes with its scope. */
  scope: string;
  /** The most severe first; empty when no condition holds now. */
  triggers: Trigger[];
  /**
   * When it ended, and until when a new break would still belong to it, epoch ms UTC; null while it is
   * not over.
   */
  over: { since: number; until: number } | null;
  /** Name of the mute that keeps it from notifying; null when none does. */
  mutedBy: string | null;
  /** Null when the subject is not an incident. */
  incident: Incident | null;
  card(): Card;
  /** Returns the `alert` part of a rule. */
  alertOf(ruleId: string): RuleAlert | undefined;
}

/** Tells whether two label sets have the same scope and the same kind of cause. */
export function isSameProblem(a: AlertLabels, b: AlertLabels): boolean {
  return (
    a.account === b.account &&
    a.scope === b.scope &&
    a.scopeValue === b.scopeValue &&
    (a.category === b.category || isUnsteady(a, b))
  );
}

/** Tells whether all label sets have causes that one unsteady stream shows in turn. */
export function isUnsteady(...labels: AlertLabels[]): boolean {
  return labels.every(({ category }) => UNSTEADY_CATEGORIES.includes(category));
}

/** Compares severities; the more severe one sorts first. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

/** Returns when a trigger may fire, epoch ms UTC. */
export function readyAt(trigger: Trigger, pendingSince: number, scopeHoldMs: number): number {
  const wide = pendingSince + (trigger.isWide ? 0 : scopeHoldMs);
  return Math.max(wide, trigger.since + trigger.forMs);
}
