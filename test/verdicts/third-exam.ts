import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiState } from '../../src/engine/derive/derive-entries.ts';
import type { IncidentState, ScopeKind } from '../../src/model/incident.ts';
import type { Category, Outcome, Side } from '../../src/model/vocabulary.ts';

/** Streams that share a description. `{i}` is 1, 2, …; `{m}` is `i` modulo 5. */
interface StreamGroup {
  count?: number;
  domain?: string;
  app?: string;
  ip?: string;
  node?: string;
  expiresIn?: number;
  secret?: 'right' | 'wrong';
}

/** One message of each stream of a group (see README.md). Times are seconds around moment 0. */
export interface Step {
  at: number;
  on: string;
  spread?: number;
  times?: number;
  every?: number;
  /** Seconds from the event to the arrival of its message; 1 when left out. */
  arrives?: number;
  /** Number of the push; a begin and an end with one number share the sequence. */
  push?: number;
  begin?: boolean;
  end?: number;
  errmsg?: string;
  record?: string;
  live?: number;
  other?: Record<string, unknown>;
  /** The message must be refused with an error that matches this pattern. */
  rejects?: string;
  ip?: string;
  node?: string;
  url?: { expiresIn?: number; secret?: 'right' | 'wrong'; raw?: string };
}

/** What an on-call should read about a stream. Lists hold all acceptable values. */
export interface ExpectedVerdict {
  /** The first member of the group that it holds for; 1 when left out. */
  from?: number;
  /** The break nearest to this time; the last one when left out. */
  at?: number;
  category: Category[];
  side: Side[];
  retry: string[];
  outcome: Outcome[];
  reason?: string[];
  says: string;
  saysInChinese: string;
  neverSays?: string;
  certain: 'fair' | 'wrong';
  /** How many breaks the stream must have. */
  breaks?: number;
}

export interface ExpectedIncident {
  of: string[];
  /** Groups whose streams may be in it or not. */
  may?: string[];
  category: Category[];
  side?: Side[];
  scope: { kind: ScopeKind; value?: string }[];
  firstCause?: string | null;
  blocker?: string | null;
  state?: IncidentState[];
}

/** One sequence of messages and what an expert concludes from it. */
export interface Sequence {
  id: string;
  story: string;
  source: string;
  apiState?: ApiState;
  /** Each stream has an account of its own. */
  separately?: boolean;
  streams?: Record<string, StreamGroup>;
  seen: Step[];
  expect: Record<string, ExpectedVerdict>;
  incidents?: ExpectedIncident[];
  /** What holds instead where an expectation contradicts a document, and which document. */
  corrections?: {
    source: string;
    expect?: Record<string, Partial<ExpectedVerdict>>;
    incidents?: ExpectedIncident[];
  };
}

export interface Member {
  group: StreamGroup;
  name: string;
  index: number;
  account: string;
}

const FOLDER = join(import.meta.dirname, 'third-exam');

/** Reads all sequences, in the order of file names. */
export function readSequences(): Sequence[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Sequence[]);
}

/** The expected verdicts of a sequence, with its corrections. */
export function verdictsOf({ expect, corrections }: Sequence): [string, ExpectedVerdict][] {
  return Object.entries(expect).map(([on, verdict]) => [
    on,
    { ...verdict, ...corrections?.expect?.[on] },
  ]);
}

/** The expected incidents of a sequence, with its corrections; undefined when they are not judged. */
export function incidentsOf({ incidents, corrections }: Sequence): ExpectedIncident[] | undefined {
  return corrections?.incidents ?? incidents;
}

/** The streams of a step: one named as the group, or `NAME-1`, `NAME-2`, … */
export function membersOf({ id, streams, separately }: Sequence, on: string): Member[] {
  const group = streams?.[on] ?? {};
  return Array.from({ length: group.count ?? 1 }, (_unused, turn) => {
    const name = group.count === undefined ? on : `${on}-${turn + 1}`;
    return { group, name, index: turn + 1, account: separately ? `${id} ${name}` : id };
  });
}
