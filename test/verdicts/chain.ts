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
  secret?: 'right' | 'wrong';
}

/** One thing that happens to all streams of some groups. Times are seconds around moment 0. */
export interface ChainStep {
  at: number;
  spread?: number;
  do: 'push' | 'break' | 'end' | 'refuse' | 'flap' | 'takeover' | 'loop';
  who: string[];
  reason?: string;
  errcode?: number;
  subErrcode?: number;
  retry?: 'obs';
  until?: number;
  every?: number;
  down?: number;
  times?: number;
  liveFor?: number;
  otherIp?: string;
  node?: string;
  expiresIn?: number;
  secret?: 'right' | 'wrong';
  path?: 'api';
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
  groups: Record<string, ChainGroup>;
  timeline: ChainStep[];
  expect: { incidents: ExpectedIncident[] };
}

const FOLDER = join(import.meta.dirname, 'chains');

/** Reads all chains, in the order of file names. */
export function readChains(): ChainScript[] {
  return readdirSync(FOLDER)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as ChainScript);
}

/** Name of a group's stream. */
export function streamName(group: ChainGroup, index: number): string {
  return fill(group.stream, index);
}

/** Fills `{i}` and `{m}`. */
export function fill(text: string, index: number): string {
  return text.replaceAll('{i}', String(index)).replaceAll('{m}', String(index % 5));
}
