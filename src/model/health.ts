import type { AnswerError } from './errors.ts';

/** A stretch of time in which breaks could not be seen as they happened. Times are epoch ms UTC. */
export interface CoverageGap {
  from: number;
  /** Null while it lasts. */
  to: number | null;
  /** When all of it had been read from the API afterwards; null while it has not, or can not be. */
  filledAt: number | null;
  /** Code of the error that polls ended with meanwhile; absent when Breakwatch was not running. */
  why?: string;
}

/** How far reading of the past has come; it goes from the newest to the oldest. Epoch ms UTC. */
export interface BackfillProgress {
  /** The range that is being read, or was read last. */
  from: number;
  to: number;
  /** From here to `to` all has been read. */
  doneUntil: number;
  /** How much of the range is still to be read, ms. */
  remainingMs: number;
  /** How long that will take if it goes on as it does, ms; null while nobody can say. */
  etaMs: number | null;
  done: boolean;
}

/** How looking up missed callbacks in CSS's records goes; counts since the start. */
export interface RecoveryHealth {
  /** Breaks that still have to be looked up, or looked up again. */
  waiting: number;
  /** Callbacks that were found. */
  found: number;
  /** Breaks that CSS has no callback of. */
  notFound: number;
  /** Why the last question was not answered; null when it was. */
  error: AnswerError | null;
}

/** State of collection of one account, as health and panels show it. */
export interface AccountHealth {
  account: string;
  /** `ok`, `unverified` (callbacks alone), `blind` (no successful poll for 60 s), `starting`. */
  state: 'ok' | 'unverified' | 'blind' | 'starting';
  /** Epoch ms UTC; null when it never happened. */
  lastPollAt: number | null;
  lastCallbackAt: number | null;
  /**
   * Pushes that ended in the last hour as polling found at least 2 minutes ago, and no callback told
   * of; refusals do not count. Null where breaks do not come both ways; absent from an older server.
   */
  missedCallbacks?: number | null;
  /** Looking up callbacks that never came; null where breaks do not come both ways. */
  recovery?: RecoveryHealth | null;
  /** When breaks could not be seen as they happened, oldest first; absent from an older server. */
  gaps?: CoverageGap[];
  /** Null before the first poll and where nothing is polled; absent from an older server. */
  backfill?: BackfillProgress | null;
  /** The last poll's error, when the last poll failed. */
  error: AnswerError | null;
}

/** Maintenance windows and expected schedules, as health shows them. */
export interface MuteHealth {
  /** How many are in force. */
  entries: number;
  /** Maintenance going on now, and when it ends, epoch ms UTC. */
  now: { name: string; until: number | null }[];
  /** Why what their file holds is not in force; null when it is. */
  error: AnswerError | null;
}

/** What is kept and for how long, as health shows it. Times are epoch ms UTC. */
export interface RetentionHealth {
  /** Days that are kept; 0 for ever. */
  keepDays: number;
  /** What happened before is taken away and not taken any more; null where all is kept. */
  keptFrom: number | null;
  /** When the oldest break ended; null when there is none. */
  oldest: number | null;
  /** Whether something is being taken away right now. */
  running: boolean;
  /** When all that was old had been taken away; null before the first time of this run. */
  purgedAt: number | null;
  /** Rows taken away since the start. */
  purged: { breaks: number; pushes: number; documents: number; journal: number };
  /** Arrivals left out since the start, because they tell of a time that is not kept. */
  refused: number;
  /** Why the last purge failed; null when it did not. */
  error: AnswerError | null;
}

/** What an engine says of itself. */
export interface EngineHealth {
  ok: boolean;
  version: string;
  accounts: AccountHealth[];
  rules: { set: string; count: number; loadedAt: number; error: AnswerError | null };
  store: { kind: string; breaks: number; journal: number };
  /** How breaks are made of what the journal holds. Absent from an older server. */
  deriving?: { behind: number; error: AnswerError | null };
  /** Absent from an older server. */
  retention?: RetentionHealth;
  /** Absent from an older server, and where nobody wrote any. */
  mute?: MuteHealth;
}
