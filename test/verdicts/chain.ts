import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScopeKind } from '../../src/model/incident.ts';
import type { Category, Language, Side } from '../../src/model/vocabulary.ts';

/** Streams of one kind (see README.md). `{i}` is 1, 2, …; `{m}` is `i` modulo 5. */
export interface ChainGroup {
  count: number;
  domain: string;
  app: string;
  stream: string;
  ip: string;
  node: string;
  /** txTime, seconds after moment 0. */
  expiresIn?: number;
  /** How its URL is signed; `none` = it has no parameters at all. */
  secret?: Secret;
}

/** How a push URL is signed. */
export type Secret = 'right' | 'wrong' | 'none';

/** One thing that happens to all streams of some groups. Times are seconds around moment 0. */
export interface ChainStep {
  at: number;
  spread?: number;
  do: 'push' | 'break' | 'end' | 'refuse' | 'flap' | 'takeover' | 'loop';
  who: string[];
  reason?: string;
  errcode?: number;
  subErrcode?: number;
  /** `fixed` = every `every` s, `times` times. */
  retry?: 'obs' | 'fixed';
  /** Tries before it leave no trace. */
  from?: number;
  until?: number;
  every?: number;
  down?: number;
  times?: number;
  liveFor?: number;
  otherIp?: string;
  ip?: string;
  node?: string;
  expiresIn?: number;
  secret?: Secret;
  path?: 'api';
  /** How much later than others the event list shows it. */
  lateBy?: number;
  language?: Language;
}

/** What has to come out as one incident. */
export interface ExpectedIncident {
  groups: string[];
  category: Category;
  reasons: string[];
  rules: string[];
  side?: Side;
  scope?: ExpectedScope | ExpectedScope[];
  /** Reason; null when there must be none. */
  firstCause?: string | null;
  blocker?: string | null;
}

interface ExpectedScope {
  kind: ScopeKind;
  value?: string;
}

/** A scripted course of events with its true causes. */
export interface ChainScript {
  id: string;
  story: string;
  source: string;
  /** What the account's API says from when on; `ok` before. */
  apiState?: { at: number; state: 'stopped' }[];
  /** Our clock minus CSS's, seconds. */
  ourClockS?: number;
  groups: Record<string, ChainGroup>;
  timeline: ChainStep[];
  expect: { incidents: ExpectedIncident[] };
}

/** The folders of chains: the first thirty and the thirty that were written later. */
export const CHAIN_FOLDERS = ['chains', 'later-chains'] as const;

/** Reads all chains of a folder, in the order of file names. */
export function readChains(folder: (typeof CHAIN_FOLDERS)[number] = 'chains'): ChainScript[] {
  const path = join(import.meta.dirname, folder);
  return readdirSync(path)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(path, file), 'utf8')) as ChainScript);
}

/** Name of a group's stream. */
export function streamName(group: ChainGroup, index: number): string {
  return fill(group.stream, index);
}

/** Fills `{i}` and `{m}`. */
export function fill(text: string, index: number): string {
  return text.replaceAll('{i}', String(index)).replaceAll('{m}', String(index % 5));
}
