import type { AccountHealth } from '../../model/health.ts';
import type { ChannelStatus } from '../../model/notice.ts';

/** What a server tells the others about itself, once a second; plain data. */
export interface ServerNote {
  version: string;
  /** Hash of the rules that it uses. */
  rules: string;
  /** How far its clock is ahead of the database's, ms. */
  clockAheadMs: number;
  /** Names of its accounts. */
  accounts: string[];
  /** Hash of the rules in its folders; null when they were never valid, absent for an older server. */
  files?: string | null;
  /** Absent when no revision of the rules waits, and for an older server. */
  waiting?: WaitingNote | undefined;
  /** What only the server that leads knows. */
  leader?: LeaderNote | undefined;
}

/** What a server says about a revision of the rules that waits. */
export interface WaitingNote {
  revision: number;
  /** What it does not know of that which the rules need, in words. */
  missing: string[];
}

/** What a server that leads knows and others show. */
export interface LeaderNote {
  accounts: AccountHealth[];
  /** Since when starts of pushes are known, by account, epoch ms UTC. */
  pushesSince: Record<string, number | null>;
  channels: ChannelStatus[];
}

/** Reads a note; undefined for one of a server that has none, such as a command that has the database alone. */
export function readNote(note: unknown): ServerNote | undefined {
  return typeof note === 'object' && note !== null && 'version' in note
    ? (note as ServerNote)
    : undefined;
}
