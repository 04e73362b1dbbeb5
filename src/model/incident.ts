import type { BreakRecord, StreamKey } from './break.ts';
import type { Category, Confidence, Severity, Side } from './vocabulary.ts';

/**
 * What a stream is doing. `live`; `reconnecting` (down, and its encoder may still come back by
 * itself); `down` (it will not, or did not in time); `flapping` (it breaks again and again);
 * `recovered` (live again, but not for long); `ended` (stopped as planned).
 */
export const STREAM_STATES = [
  'down',
  'flapping',
  'reconnecting',
  'recovered',
  'live',
  'ended',
] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/** A stream's state at one moment. Times are epoch ms UTC. */
export interface StreamStatus {
  state: StreamState;
  /** Since when. */
  since: number;
  /** When the state changes by itself if nothing else happens; null when it does not. */
  deadline: number | null;
  /** Down so briefly that nobody has to be told yet. */
  quiet: boolean;
  /** Breaks that cut the stream within the flapping window. */
  recentBreaks: number;
  /** Refused tries since the stream went down; 0 while it is live. */
  attempts: number;
}

/**
 * A run of breaks of one stream without a recovery between them: one outage. Times are epoch ms
 * UTC.
 */
export interface Chain extends StreamKey {
  /** Id of its first break; it never changes. */
  id: string;
  startedAt: number;
  /** When the stream was live again or was stopped as planned; null while it is down. */
  endedAt: number | null;
  end: 'recovered' | 'stopped' | null;
  /** All its breaks, oldest first. */
  breaks: BreakRecord[];
  /** The break that cut the live push; null when the push never started. */
  firstCause: BreakRecord | null;
  /** The refusal that keeps the stream from coming back; null when no try was refused. */
  blocker: BreakRecord | null;
  /** The blocker, else the first cause: whose fix is the next step. */
  decisive: BreakRecord;
}

/** How wide an incident is. `clientNetwork` is a /24 of IPv4 or a /48 of IPv6. */
export const SCOPE_KINDS = ['account', 'domain', 'app', 'node', 'clientNetwork', 'stream'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** What the streams of an incident have in common, within an account. */
export interface Scope {
  kind: ScopeKind;
  account: string;
  /** `push.example.com`, `push.example.com/live`, `203.0.113.0/24`, …; the account's name itself. */
  value: string;
}

/**
 * `open` while a stream is down; `recovered` when all are back but a further break would still
 * belong to it; `resolved` after that; `silent` when nobody has tried to push for hours.
 */
export const INCIDENT_STATES = ['open', 'recovered', 'resolved', 'silent'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** One turn in an incident's course. */
export interface IncidentMoment {
  /** Epoch ms UTC. */
  at: number;
  kind: 'opened' | 'blocked' | 'recovered' | 'reopened' | 'resolved' | 'silent';
  /** Streams down just after it. */
  down: number;
}

/** Outages that belong together: one cause, one time, one scope. Times are epoch ms UTC. */
export interface Incident {
  /** Made from its first chain, so it stays the same while the incident grows. */
  id: string;
  state: IncidentState;
  scope: Scope;
  startedAt: number;
  /** The last break or recovery. */
  updatedAt: number;
  /** When the last stream was back, or when it fell silent; null while it is open. */
  endedAt: number | null;
  /** Until when a further break reopens it; null while it is open. */
  holdUntil: number | null;
  /** Oldest first. */
  chains: Chain[];
  /** Streams hit. */
  streams: number;
  streamsDown: number;
  /** Pushes that were live in the scope just before; null when that is not known. */
  liveBefore: number | null;
  /** Part of those that were hit, 0 to 1; null when that is not known. */
  share: number | null;
  /** Time without a push: overlaps of a stream counted once, summed over streams. */
  lostMs: number;
  /** The break that stands for the cause, and whose fix is the next step. */
  cause: BreakRecord;
  /** What cut the live pushes, when something else keeps them from coming back. */
  firstCause: BreakRecord | null;
  /** Breaks by reason that are neither, as they only follow. */
  afterEffects: Record<string, number>;
  timeline: IncidentMoment[];
}

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

/** What somebody says of a cause that was named. */
export const FEEDBACK_VERDICTS = ['right', 'wrong'] as const;
export type FeedbackVerdict = (typeof FEEDBACK_VERDICTS)[number];

/** What feedback may be about. */
export const FEEDBACK_SUBJECTS = ['break', 'incident'] as const;
export type FeedbackSubject = (typeof FEEDBACK_SUBJECTS)[number];

/**
 * Whether a cause was right, kept with the diagnosis as it was then: rules change, and a later
 * diagnosis is another one. The latest word on a subject counts.
 */
export interface Feedback {
  subject: FeedbackSubject;
  /** Id of the break or incident. */
  id: string;
  account: string;
  verdict: FeedbackVerdict;
  note: string | null;
  by: string;
  /** Epoch ms UTC. */
  at: number;
  diagnosis: StoredCause;
}
