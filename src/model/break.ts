import type { Verdict } from './diagnosis.ts';
import type { Facts } from './facts.ts';
import type { Outcome, Source } from './vocabulary.ts';

/** One stream: the parts of a push URL that name it, and its account. */
export interface StreamKey {
  /** Name of the Tencent account in Breakwatch. */
  account: string;
  /** Push domain. */
  domain: string;
  /** AppName, the push path. */
  app: string;
  /** StreamName. */
  stream: string;
}

/** Identifies a stream by one text, because maps have no other keys and comparing many must be fast. */
export function streamText({ account, domain, app, stream }: StreamKey): string {
  return `${account}\n${domain}\n${app}\n${stream}`;
}

/** How one source identifies this event. */
export interface SourceKey {
  source: Source;
  /** Unique within the account and source; a second arrival with the same key is a duplicate. */
  key: string;
  /** Time of arrival, epoch ms UTC. */
  receivedAt: number;
  /** It was imported, so it notifies nobody; absent when it was collected, or imported to notify. */
  quiet?: true;
}

/** The end of one push, merged from every source that reported it. Times are epoch ms UTC. */
export interface BreakEvent extends StreamKey {
  /** Id in Breakwatch. It never changes, whichever source reports the event first. */
  id: string;
  outcome: Outcome;
  /** Start of the push; null when no source reported it. */
  startedAt: number | null;
  /** When CSS saw the push end. In network and idle breaks the data stopped about 70 s earlier. */
  endedAt: number;
  /** How long the push had been live; null when unknown, 0 for a refused push. */
  durationMs: number | null;
  /** Reason id of the catalogue, or `unrecognized`; see `reasonText` then. */
  reason: string;
  code: ReasonCode | null;
  /** Error code of bypass live, if the event has one. */
  bypassCode: number | null;
  /** The original reason text of CSS. */
  reasonText: string | null;
  clientIp: string | null;
  /** Access node that received the push, from the callback. */
  node: string | null;
  resolution: string | null;
  /** CSS's id of the push, the same at its start and its end. Callback only. */
  sequence: string | null;
  /** When the stream was live again; null until then. */
  recoveredAt: number | null;
  sources: SourceKey[];
  facts: Facts;
}

/**
 * The numeric reason of an interruption as CSS gives it. Callbacks contain `errcode`. The sub code is in
 * CSS's reason table but is not documented for callbacks, so it is often unknown.
 */
export interface ReasonCode {
  errcode: number;
  /** Null when the source does not report it. */
  subErrcode: number | null;
}

/** Prints a code: `18/501`, or `18` when the sub code is unknown or 0. */
export function printReasonCode(code: ReasonCode): string {
  return code.subErrcode === null || code.subErrcode === 0
    ? String(code.errcode)
    : `${code.errcode}/${code.subErrcode}`;
}

/** A stored break: the merged event and its verdict. */
export interface BreakRecord {
  event: BreakEvent;
  verdict: Verdict;
}

/** CSS ends a push whose connection was lost after this time without data, in ms. */
const SILENCE_BEFORE_END_MS = 70_000;

const SILENT_REASONS: readonly string[] = ['network', 'idle_no_data'];

/**
 * Estimates when the data of a push stopped. In network and idle breaks CSS ends the push only after 70 s
 * without data, so viewers lost the picture earlier.
 *
 * @returns epoch ms UTC, not before the push started; null when data arrived until the break
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
 * One arrival, masked, as the journal keeps it. Everything else in a store can be computed again from the
 * journal.
 */
export interface JournalEntry {
  account: string;
  source: Source;
  /** Unique within the account and source; the journal keeps only the first arrival of a key. */
  key: string;
  /** Epoch ms UTC. */
  receivedAt: number;
  /** The original message with all secrets masked. */
  body: Record<string, unknown>;
  /** Values derived from secrets before these were masked, e.g. `txSecretPresent`. */
  derived: Record<string, string | number | boolean>;
}

/** A journal entry with its number in the journal. */
export interface StoredJournalEntry extends JournalEntry {
  /** Grows with each arrival; never reused. */
  seq: number;
}

/**
 * Name of the mark in `derived` of an entry that was imported without notifying. It is no fact; see
 * {@link SourceKey.quiet}.
 */
export const QUIET_MARK = 'quietImport';

/** Whether every report of a break was imported without notifying. */
export function isQuiet({ sources }: Pick<BreakEvent, 'sources'>): boolean {
  return sources.length > 0 && sources.every(({ quiet }) => quiet === true);
}

/** A position in the list of breaks, which is sorted by `endedAt` and then `id`, both descending. */
export interface BreakPosition {
  /** Epoch ms UTC. */
  endedAt: number;
  id: string;
}
