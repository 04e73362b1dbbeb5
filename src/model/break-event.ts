import type { Facts } from './facts.ts';
import type { ReasonCode } from './reason-code.ts';
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
