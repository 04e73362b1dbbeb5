import type { BreakRecord, StreamKey } from './break.ts';
import type { Category, Confidence, Outcome, Severity, Side } from './vocabulary.ts';

/**
 * State of a stream: `live`; `reconnecting` (down, but its encoder may reconnect without help); `down`
 * (it will not reconnect, or did not in time); `flapping` (it breaks repeatedly); `recovered` (live again
 * since a short time); `ended` (stopped as planned).
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

/** State of a stream at one time. Times are epoch ms UTC. */
export interface StreamStatus {
  state: StreamState;
  /** Start of the state. */
  since: number;
  /** When the state will change if no event arrives; null when it will not. */
  deadline: number | null;
  /** Whether it has been down too briefly to notify. */
  quiet: boolean;
  /** Breaks of the live stream within the flapping window. */
  recentBreaks: number;
  /** Refused push attempts since the stream went down; 0 while it is live. */
  attempts: number;
}

/** One outage: consecutive breaks of one stream without a recovery in between. Times are epoch ms UTC. */
export interface Chain extends StreamKey {
  /** Id of its first break; it never changes. */
  id: string;
  startedAt: number;
  /** When the stream was live again or was stopped as planned; null until then. */
  endedAt: number | null;
  end: 'recovered' | 'stopped' | null;
  /** All its breaks, oldest first. */
  breaks: BreakRecord[];
  /** The break that ended the live push; null when the push never started. */
  firstCause: BreakRecord | null;
  /** The refusal that keeps the stream from recovering; null when no attempt was refused. */
  blocker: BreakRecord | null;
  /** The blocker, else the first cause. Its fix has the next step. */
  decisive: BreakRecord;
}

/** Kinds of scope. `clientNetwork` is a /24 network of IPv4 or a /48 network of IPv6. */
export const SCOPE_KINDS = ['account', 'domain', 'app', 'node', 'clientNetwork', 'stream'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** What the streams of an incident share, within an account. */
export interface Scope {
  kind: ScopeKind;
  account: string;
  /** `push.example.com`, `push.example.com/live`, `203.0.113.0/24`, …; for `account`, its name. */
  value: string;
}

/**
 * `open` while a stream is down; `recovered` while another break would reopen it; `resolved` after that;
 * `silent` when there was no push attempt for hours.
 */
export const INCIDENT_STATES = ['open', 'recovered', 'resolved', 'silent'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** One entry in the timeline of an incident. */
export interface TimelineEntry {
  /** Epoch ms UTC. */
  at: number;
  kind: 'opened' | 'blocked' | 'recovered' | 'reopened' | 'resolved' | 'silent';
  /** Number of streams that were down after it. */
  down: number;
}

/** How many breaks a rule diagnosed, and the latest of them. */
interface RuleCount {
  count: number;
  record: BreakRecord;
}

/** Counts by id of the rule. */
export type RuleCounts = Map<string, RuleCount>;

/** The decisive breaks of folded outages with one cause key and one reason. */
export interface PastCause {
  causeKey: string;
  reason: string;
  rules: RuleCounts;
  /** Counts by how many nearby breaks were known at diagnosis, by name of the fact. */
  nearby: Map<string, Map<number, RuleCounts>>;
  /** The latest of them. */
  latest: BreakRecord[];
}

/** Breaks of folded outages that one rule diagnosed with one reason. */
export interface PastRule extends RuleCount {
  rule: string;
  reason: string;
  /** When one of `groups` first had as many breaks as the rule's alert needs; null when none had. */
  reached: number | null;
  /** Moments of breaks up to then, by group of the rule's alert. */
  groups: Map<string, number[]>;
}

/** One stream in the folded part of an incident. Times are epoch ms UTC. */
export interface PastStream {
  /** Its last folded outage. */
  last: StreamKey & { startedAt: number; lastBreakAt: number };
  /** End of its last folded outage. */
  endedAt: number;
  /** A live push of it was cut. */
  wasLive: boolean;
  /** Starts of its latest cuts. */
  cuts: number[];
  /** Since when it has been flapping; null when it is not. */
  flapsSince: number | null;
}

/**
 * Totals of an incident's older outages, which are all over: what remains of them in memory. They are
 * a cache of the store. Lists are bounded. Times are epoch ms UTC.
 */
export interface IncidentPast {
  outages: number;
  breaks: number;
  /** The earliest outage, with its first break alone. */
  first: Chain;
  /** The first streams, each with the start of its first outage. */
  examples: { startedAt: number; id: string; name: string }[];
  /** By stream's full key. */
  streams: Map<string, PastStream>;
  updatedAt: number;
  endedAt: number;
  lostMs: number;
  /** Stretches of time in which a stream was down, in order: the first one and the latest ones. */
  down: { from: number; to: number }[];
  /** First refused try after a cut; infinite when there was none. */
  blockedAt: number;
  /** Outages whose push was cut, by reason. */
  cuts: Map<string, RuleCounts>;
  causes: Map<string, PastCause>;
  /** Breaks by reason. */
  reasons: Map<string, number>;
  rules: Map<string, PastRule>;
  /** One break for each stream, rule, reason, node and address; `decisive` when it decided an outage. */
  samples: Map<string, { record: BreakRecord; decisive: boolean }>;
  /** Ids of breaks that incidents were named after. */
  names: Set<string>;
}

/** Outages with one cause, time and scope. Times are epoch ms UTC. */
export interface Incident {
  /** Derived from its first outage, so it stays the same while the incident grows. */
  id: string;
  state: IncidentState;
  scope: Scope;
  startedAt: number;
  /** Time of the last break or recovery. */
  updatedAt: number;
  /** When the last stream recovered or fell silent; null while the incident is open. */
  endedAt: number | null;
  /** Another break until this time reopens it; null while it is open. */
  holdUntil: number | null;
  /** Its outages, oldest first, without those that are folded into `past`. */
  chains: Chain[];
  /** Totals of its older outages; null when none is folded. */
  past: IncidentPast | null;
  /** Number of its outages. */
  outages: number;
  /** What cut the push that was hit first; null when that push never started. */
  firstCut: BreakRecord | null;
  /** Number of affected streams. */
  streams: number;
  streamsDown: number;
  /** Number of live pushes in the scope just before; null when unknown. */
  liveBefore: number | null;
  /** Affected part of them, 0 to 1; null when unknown. */
  share: number | null;
  /** Time without a push, summed over streams; overlapping outages of one stream count once. */
  lostMs: number;
  /** The break that represents the cause. Its fix has the next step. */
  cause: BreakRecord;
  /** The break that ended the live pushes, when something else keeps them from recovering. */
  firstCause: BreakRecord | null;
  /** Number of breaks that are only a consequence, by reason. */
  afterEffects: Record<string, number>;
  timeline: TimelineEntry[];
}

/** One stream of an incident. Times are epoch ms UTC. */
export interface IncidentStream {
  domain: string;
  app: string;
  stream: string;
  state: StreamState;
  /** Start of its last outage. */
  downSince: number;
  /** When that outage ended; null while it lasts. */
  endedAt: number | null;
}

/** What a card shows of the outages of an incident. Times are epoch ms UTC. */
export interface IncidentDisplay {
  /** Moment for which states and lost time hold. */
  countedAt: number;
  /** Number of its outages. */
  outages: number;
  /** Since when there was no data before the first break; null when it arrived until then. */
  silentSince: number | null;
  /** Start of its latest open outage; null when it has none. */
  downSince: number | null;
  /** The first of its streams: those that are down first. Empty when it has only one. */
  shownStreams: IncidentStream[];
  /** Number of domains of all its streams. */
  domains: number;
  /** Numbers of different places of its breaks. */
  places: { clientIp: number; node: number; domain: number; app: number };
}

/** An incident as a card shows it, without its outages. */
export interface DisplayedIncident
  extends Omit<Incident, 'chains' | 'past' | 'firstCut' | 'outages'> {
  display: IncidentDisplay;
}

/** Cause of an incident as it was diagnosed at that time. */
export interface StoredCause {
  /** Id of the break that represents it. */
  breakId: string;
  reason: string;
  outcome: Outcome;
  category: Category;
  severity: Severity;
  side: Side;
  confidence: Confidence;
  runbook: string;
  /** The rule, identified by id and content. */
  rule: { id: string; hash: string };
}

/** An incident as it is stored, without its breaks. Times are epoch ms UTC. */
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
  /** `gone`: later events showed that it belongs to another incident, or that nothing broke. */
  state: IncidentState | 'gone';
  cause: StoredCause;
  firstCause: StoredCause | null;
  breaks: number;
  display: IncidentDisplay;
  /** The first few of its streams as `domain/app/stream`. */
  examples: string[];
  /** The latest entries. */
  timeline: TimelineEntry[];
  /** Id of the incident that it was merged into; null when it was not. */
  mergedInto: string | null;
}

/** What people said about an incident. Times are epoch ms UTC. */
export interface IncidentRemarks {
  /** Who works on it; null when nobody does. */
  acknowledged: { at: number; by: string; note: string | null } | null;
  /** Oldest first. */
  notes: IncidentNote[];
  /** Who took and released it, oldest first; the latest 100. */
  duty: DutyChange[];
}

/** Kinds of {@link DutyChange}. */
export const DUTY_KINDS = ['taken', 'released'] as const;

/** Somebody took an incident, also from another person, or released it. */
export interface DutyChange {
  /** Epoch ms UTC. */
  at: number;
  by: string;
  kind: (typeof DUTY_KINDS)[number];
  note: string | null;
}

/** Remarks as they are stored, with scope and reason to find them for similar incidents. */
export interface StoredRemarks extends IncidentRemarks {
  /** Id of the incident. */
  incident: string;
  scope: Scope;
  reason: string;
}

/** One note. */
export interface IncidentNote {
  at: number;
  by: string;
  text: string;
  /** The note says what ended the incident. */
  fixed: boolean;
}

/** A stored incident with what people said about it. */
export interface ReportedIncident extends StoredIncident, IncidentRemarks {}

/**
 * Tells whether an outage counts towards flapping: a live push was cut, and the stream was down or another
 * encoder took it over. Two encoders with one StreamName cut each other without a second of downtime.
 */
export function isFlap({
  firstCause,
  startedAt,
  endedAt,
}: Pick<Chain, 'firstCause' | 'startedAt' | 'endedAt'>): boolean {
  return firstCause !== null && (endedAt !== startedAt || firstCause.verdict.reason === 'replaced');
}

/** Whether an incident is closed: `resolved`, `silent` or `gone`. */
export function isOver({ state }: Pick<StoredIncident, 'state'>): boolean {
  return state === 'resolved' || state === 'silent' || state === 'gone';
}

/** Prints kind and value of a scope as one text, e.g. to compare scopes. */
export function scopeText({ kind, value }: Scope): string {
  return `${kind} ${value}`;
}

/** Whether a diagnosed cause was right. */
export const FEEDBACK_VERDICTS = ['right', 'wrong'] as const;
export type FeedbackVerdict = (typeof FEEDBACK_VERDICTS)[number];

/** What feedback can be about. */
export const FEEDBACK_SUBJECTS = ['break', 'incident'] as const;
export type FeedbackSubject = (typeof FEEDBACK_SUBJECTS)[number];

/**
 * Whether a cause was right, with the diagnosis of that time, because rules change. The latest feedback on
 * a break or incident counts.
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
