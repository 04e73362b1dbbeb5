import type { ErrorCode } from './error-catalogue.ts';
import type { AnswerError } from './errors.ts';

/** A time in which breaks could not be collected as they happened. Times are epoch ms UTC. */
export interface CoverageGap {
  from: number;
  /** Null until it ends. */
  to: number | null;
  /** When the back-fill had read all of it from the API; null if it has not or cannot. */
  filledAt: number | null;
  /** Code of the error that polls failed with; absent when Breakwatch was not running. */
  why?: string;
}

/** Progress of the back-fill, which reads from the newest to the oldest. Times are epoch ms UTC. */
export interface BackfillProgress {
  /** The current or the last range. */
  from: number;
  to: number;
  /** Everything from here to `to` has been read. */
  doneUntil: number;
  /** Length of the part that has not been read yet, ms. */
  remainingMs: number;
  /** Estimated time for that at the current speed, ms; null while it cannot be estimated. */
  etaMs: number | null;
  done: boolean;
}

/** Progress of the search for missed callbacks in CSS's records. Counts start with the process. */
interface RecoveryHealth {
  /** Breaks whose callback has to be searched for, or searched for again. */
  waiting: number;
  /** Number of callbacks that were found. */
  found: number;
  /** Breaks without a callback in CSS's records. */
  notFound: number;
  /** Why the last request failed; null when it succeeded. */
  error: AnswerError | null;
}

/** State of collection of one account, as health and panels show it. */
export interface AccountHealth {
  account: string;
  /**
   * `ok`; `unverified` (callbacks alone); `blind` (no successful poll for 60 s, or a wrong key from the start);
   * `starting`.
   */
  state: 'ok' | 'unverified' | 'blind' | 'starting';
  /** Whether a callback key is configured; absent in the answer of an older server. */
  callbacks?: boolean;
  /** Epoch ms UTC, as is the next one; null when there was none. */
  lastPollAt: number | null;
  lastCallbackAt: number | null;
  /**
   * Pushes that ended in the last hour, that polling found at least 2 minutes ago and for which no callback
   * arrived, without refusals. Null unless the account uses polling and callbacks; absent in the answer of
   * an older server.
   */
  missedCallbacks?: number | null;
  /**
   * Fields of callbacks that were left out since the start, because CSS sent a value that cannot be used,
   * and the number of callbacks. Absent in the answer of an older server.
   */
  unreadableFields?: { field: string; count: number }[];
  /** Search for missed callbacks; null unless the account uses polling and callbacks. */
  recovery?: RecoveryHealth | null;
  /** Oldest first; absent in the answer of an older server. */
  gaps?: CoverageGap[];
  /** Null before the first poll and without polling; absent in the answer of an older server. */
  backfill?: BackfillProgress | null;
  /** Why the last poll failed; null when it succeeded. */
  error: AnswerError | null;
}

/** State of the mute intervals, as health shows it. */
interface MuteHealth {
  /** Number of entries in force. */
  entries: number;
  /** Current maintenance windows with their end, epoch ms UTC. */
  now: { name: string; until: number | null }[];
  /** Why the current content of their file is not in force; null when it is. */
  error: AnswerError | null;
}

/** State of retention, as health shows it. Times are epoch ms UTC. */
export interface RetentionHealth {
  /** Days that are kept; 0 keeps everything. */
  keepDays: number;
  /** Older events are deleted and refused; null when everything is kept. */
  keptFrom: number | null;
  /** End of the oldest break; null when there is none. */
  oldest: number | null;
  /** Whether a purge is running. */
  running: boolean;
  /** When the last purge completed; null before the first one of this process. */
  purgedAt: number | null;
  /** Number of rows deleted since the start of the process. */
  purged: { breaks: number; pushes: number; documents: number; journal: number };
  /** Number of arrivals refused since the start because they were too old. */
  refused: number;
  /** Number of arrivals refused because they are in the future; absent for an older server. */
  inFuture?: number;
  /** Why the last purge failed; null when it succeeded. */
  error: AnswerError | null;
}

/** Result of the check of the database files, which runs once after the start. */
export interface StoreIntegrity {
  /** `failed`: the check itself could not be done. */
  state: 'checking' | 'ok' | 'damaged' | 'failed';
  /** When it ended, epoch ms UTC; null before. */
  checkedAt: number | null;
  /** What is damaged, or why the check failed; else null. */
  error: AnswerError | null;
}

/** Connections of the engine to a database server, without those of its threads. */
export interface StoreConnections {
  /** It opens so many at most. */
  max: number;
  open: number;
  /** Open ones that nothing uses. */
  idle: number;
  /** Calls that wait for one. */
  waiting: number;
}

/** A server that shares its database with others. */
interface ServerHealth {
  /** Host and process. */
  name: string;
  /** Whether it leads: it alone derives, polls, groups, notifies and deletes. */
  leads: boolean;
  /** How long ago it gave its last sign of life, ms. */
  seenAgoMs: number;
  /** Null for a command that has the database for itself, as are the next two. */
  version: string | null;
  /** Hash of the rules that it uses. */
  rules: string | null;
  /** Hash of the rules in its folders; null when they were never valid, absent for an older server. */
  files?: string | null;
  /** How far its clock is ahead of the database's, ms. */
  clockAheadMs: number | null;
}

/** A published revision of the rules. */
interface RevisionHealth {
  revision: number;
  /** Hash of the rule set. */
  set: string;
  /** Epoch ms UTC. */
  publishedAt: number;
  /** Who published it. */
  by: string;
}

/** The revision of the rules that is in force on all servers, and the one that waits until each server can run it. */
export interface PublishedRulesHealth extends RevisionHealth {
  waiting: (RevisionHealth & { waitsFor: { server: string; why: string }[] }) | null;
}

/** The servers that share a database, as one of them sees them. */
export interface ClusterHealth {
  /** Name of this server. */
  server: string;
  /** Whether this server leads and is ready to. */
  leads: boolean;
  /** Name of the server that leads; null while none does. */
  leader: string | null;
  /** All that were heard of within a minute. */
  servers: ServerHealth[];
  /** Null before anything is published; absent in the answer of an older server. */
  rules?: PublishedRulesHealth | null;
  /** What is wrong with them together. */
  errors: AnswerError[];
}

/** State of an engine. */
export interface EngineHealth {
  ok: boolean;
  version: string;
  /** Address of Breakwatch in a browser, as configured; null for none, absent without a server. */
  publicUrl?: string | null;
  accounts: AccountHealth[];
  rules: { set: string; count: number; loadedAt: number; error: AnswerError | null };
  /**
   * `integrity` is absent with PostgreSQL and in the answer of an older server; `connections` and `oldestPartition`, the end
   * of the oldest month of breaks that has a partition, epoch ms UTC, with SQLite and in the answer of an older server.
   */
  store: {
    kind: string;
    breaks: number;
    journal: number;
    integrity?: StoreIntegrity;
    connections?: StoreConnections;
    oldestPartition?: number;
  };
  /** Derivation of breaks from the journal. Absent in the answer of an older server. */
  deriving?: { behind: number; error: AnswerError | null };
  /** Absent in the answer of an older server. */
  retention?: RetentionHealth;
  /** Absent in the answer of an older server, and when there are no mute intervals. */
  mute?: MuteHealth;
  /** Absent in the answer of an older server, and with SQLite. */
  cluster?: ClusterHealth;
}

const NEEDS_FIX: ReadonlySet<string> = new Set([
  'CSS_CREDENTIALS',
  'CSS_PERMISSION',
  'CSS_ACCOUNT_STOPPED',
] satisfies ErrorCode[]);

/** Tells whether polls fail until somebody corrects the configuration or the account. */
export function needsFix(error: Pick<AnswerError, 'code'> | null): boolean {
  return error !== null && NEEDS_FIX.has(error.code);
}
