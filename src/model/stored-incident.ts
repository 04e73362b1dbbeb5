import type { Incident, IncidentMoment, IncidentState, Scope } from './incident.ts';
import type { Category, Confidence, Severity, Side } from './vocabulary.ts';

/** What an incident was put down to, as it was concluded then. */
export interface StoredCause {
  /** Id of the break that stands for it. */
  breakId: string;
  reason: string;
  category: Category;
  severity: Severity;
  side: Side;
  confidence: Confidence;
  runbook: string;
  /** Rule by id and content. */
  rule: { id: string; hash: string };
}

/**
 * An incident as it is kept, without its breaks. It stays after it is over. Times are epoch ms UTC.
 */
export interface StoredIncident
  extends Pick<
    Incident,
    | 'id'
    | 'scope'
    | 'startedAt'
    | 'updatedAt'
    | 'endedAt'
    | 'holdUntil'
    | 'streams'
    | 'streamsDown'
    | 'liveBefore'
    | 'share'
    | 'lostMs'
    | 'afterEffects'
  > {
  /** `gone`: later messages showed that it was part of another, or nothing at all. */
  state: IncidentState | 'gone';
  cause: StoredCause;
  firstCause: StoredCause | null;
  breaks: number;
  /** A few of its streams as `domain/app/stream`, the first ones. */
  examples: string[];
  /** The latest turns. */
  timeline: IncidentMoment[];
  /** Id of the incident that it turned out to be part of; null when it stands for itself. */
  mergedInto: string | null;
}

/** What somebody said of an incident. Times are epoch ms UTC. */
export interface IncidentRemarks {
  /** Who takes care of it. */
  acknowledged: { at: number; by: string; note: string | null } | null;
  /** In the order in which they were written. */
  notes: IncidentNote[];
}

/** What was said, with what it is found by when the like happens again. */
export interface StoredRemarks extends IncidentRemarks {
  /** Id of the incident. */
  incident: string;
  scope: Scope;
  reason: string;
}

/** One thing that was said. */
export interface IncidentNote {
  at: number;
  by: string;
  text: string;
  /** The note tells what ended the incident. */
  fixed: boolean;
}

/** What is kept and what was said of it. */
export interface ReportedIncident extends StoredIncident, IncidentRemarks {}

/** Where an incident stands, or null for what is no scope of it. */
export function isOver({ state }: Pick<StoredIncident, 'state'>): boolean {
  return state === 'resolved' || state === 'silent' || state === 'gone';
}

/** The scope as one text. */
export function scopeText({ kind, value }: Scope): string {
  return `${kind} ${value}`;
}
