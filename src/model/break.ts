import type { Verdict } from './diagnosis.ts';
import type { Facts } from './facts.ts';
import type { Outcome, Source } from './vocabulary.ts';

/** One stream: what a push URL names, within an account. */
export interface StreamKey {
  /** Breakwatch's name of the Tencent account. */
  account: string;
  /** Push domain. */
  domain: string;
  /** AppName, the push path. */
  app: string;
  /** StreamName. */
  stream: string;
}

/** How one source knows this event. */
export interface SourceKey {
  source: Source;
  /** Unique within the account and source; a second arrival with the same key is a duplicate. */
  key: string;
  /** When we got it, epoch ms UTC. */
  receivedAt: number;
}

/**
 * One end of one push, merged from every source that saw it. All times are epoch milliseconds UTC.
 */
export interface BreakEvent extends StreamKey {
  /** Breakwatch's own id; it never changes, whichever source comes first or later. */
  id: string;
  outcome: Outcome;
  /** When the push began; null when no source told it. */
  startedAt: number | null;
  /** When CSS saw the push end. For network and idle breaks the data stopped about 70 s earlier. */
  endedAt: number;
  /** How long the push had been live; null when unknown, 0 for a refused push. */
  durationMs: number | null;
  /** Reason id of the catalogue (what CSS says); `unrecognized` keeps CSS's own words in reasonText. */
  reason: string;
  code: ReasonCode | null;
  /** Error code of bypass live, when the event carries one. */
  bypassCode: number | null;
  /** CSS's own words, as they arrived. */
  reasonText: string | null;
  clientIp: string | null;
  /** Access node that took the push, from the callback. */
  node: string | null;
  resolution: string | null;
  /** CSS's id of the push, the same for its begin and its end. Callback only. */
  sequence: string | null;
  /** When this stream was seen live again, epoch ms UTC; null while it is not. */
  recoveredAt: number | null;
  sources: SourceKey[];
  facts: Facts;
}

/**
 * The numeric reason of an interruption as CSS gives it. Callbacks carry `errcode`; the sub code
 * stands in the reason table but is not documented in callbacks, so it is often unknown.
 */
export interface ReasonCode {
  errcode: number;
  /** `null` when the source does not tell it. */
  subErrcode: number | null;
}

/** The one spelling of a code: `18/501`, or `18` when the sub code is unknown or 0. */
export function printReasonCode(code: ReasonCode): string {
  return code.subErrcode === null || code.subErrcode === 0
    ? String(code.errcode)
    : `${code.errcode}/${code.subErrcode}`;
}

/** What a store keeps for one break: the merged event and what was concluded about it. */
export interface BreakRecord {
  event: BreakEvent;
  verdict: Verdict;
}

/** CSS notices that a link is gone only after so long without data, in ms. */
const SILENCE_BEFORE_END_MS = 70_000;

const SILENT_REASONS: readonly string[] = ['network', 'idle_no_data'];

/**
 * Since about when viewers had no picture, where that was well before CSS ended the push: a network
 * or idle break is told only after 70 s without data.
 *
 * @param startedAt - when the push began; it can not have been silent before
 * @returns epoch ms UTC; null where data came until the break
 */
export function silentSince(event: {
  reason: string;
  outcome: Outcome;
  startedAt: number | null;
  endedAt: number;
}): number | null {
  const { reason, outcome, startedAt, endedAt } = event;
  return outcome === 'broken' && SILENT_REASONS.includes(reason)
    ? Math.max(endedAt - SILENCE_BEFORE_END_MS, startedAt ?? Number.NEGATIVE_INFINITY)
    : null;
}

/**
 * One arrival, masked, as the journal keeps it. The journal is the only truth; everything else can
 * be computed from it again.
 */
export interface JournalEntry {
  account: string;
  source: Source;
  /** Unique within the account and source; the journal keeps the first arrival of a key only. */
  key: string;
  /** Epoch ms UTC. */
  receivedAt: number;
  /** The message as it came, with every secret masked. */
  body: Record<string, unknown>;
  /** What was derived from secrets before they were masked, e.g. `txSecretPresent`. */
  derived: Record<string, string | number | boolean>;
}

/** A journal entry with its place in the journal. */
export interface StoredJournalEntry extends JournalEntry {
  /** Rises by arrival; never reused. */
  seq: number;
}

/** A place in the order of breaks: endedAt descending, then id descending. */
export interface BreakPlace {
  /** Epoch ms UTC. */
  endedAt: number;
  id: string;
}
