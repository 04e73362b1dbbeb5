import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importEntry } from '../../src/css/import/import-entry.ts';
import { computeTxSecret } from '../../src/css/push-url/push-url.ts';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import type { ApiState } from '../../src/engine/derive/derive-entries.ts';
import { deriveEntries } from '../../src/engine/derive/derive-entries.ts';
import type { BreakRecord, JournalEntry } from '../../src/model/break.ts';
import type { Diagnosis } from '../../src/model/diagnosis.ts';
import type { Incident, IncidentState, ScopeKind } from '../../src/model/incident.ts';
import { renderDiagnosis } from '../../src/model/render-template.ts';
import {
  type Category,
  LANGUAGES,
  type Language,
  type Outcome,
  type Side,
} from '../../src/model/vocabulary.ts';
import { groupHistory, readHistory } from '../../src/queries/incidents/history.ts';
import type { Store } from '../../src/store/store.ts';
import { fill } from './chain.ts';
import { PUSH_KEYS } from './chain-messages.ts';

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
interface Step {
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
interface ExpectedVerdict {
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

interface ExpectedIncident {
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
}

/** What came out of a sequence. */
export interface JudgedSequence {
  sequence: Sequence;
  verdicts: number;
  /** Verdicts that are `certain`, and those of them that no document supports. */
  certain: number;
  certainUnfair: number;
  /** What is wrong with it; empty when all is right. */
  faults: string[];
}

interface Member {
  group: StreamGroup;
  name: string;
  index: number;
  account: string;
}

interface Message {
  entry: JournalEntry;
  arrivesAt: number;
}

const FOLDER = join(import.meta.dirname, 'third-exam');
const DAY = 86_400_000;
const HOUR = 3_600_000;
/** Moment 0 of the first sequence, epoch ms UTC. */
const FIRST_DAY = Date.UTC(2027, 0, 4, 12, 0, 0);
const RIGHT_KEY = PUSH_KEYS[0]?.key ?? '';
/** No text may contain these, in any language. */
const UNFILLED = /\{\{|\}\}|\[\[|\]\]|undefined|NaN|\bnull\b/;

/** Reads all sequences, in the order of file names. */
export function readSequences(): Sequence[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Sequence[]);
}

/**
 * Plays a sequence through the real import, derivation and grouping, on a day of its own, and judges verdicts and
 * incidents.
 *
 * @param day - number of the sequence; streams of different sequences must not influence each other
 */
export async function judgeSequence(
  sequence: Sequence,
  day: number,
  { store, diagnoser }: { store: Store; diagnoser: Diagnoser },
): Promise<JudgedSequence> {
  const moment0 = FIRST_DAY + day * DAY;
  const faults: string[] = [];
  const messages = messagesOf(sequence, moment0, faults);
  for (const { entry } of messages) {
    await store.append([entry]);
  }
  const apiState = () => sequence.apiState ?? 'ok';
  for (;;) {
    const entries = await store.journal(await store.cursor(), 500);
    if (entries.length === 0) {
      break;
    }
    await store.commit(await deriveEntries(entries, { store, diagnoser, apiState }));
  }
  const judged: JudgedSequence = { sequence, verdicts: 0, certain: 0, certainUnfair: 0, faults };
  const templates = diagnoser.texts();
  for (const [on, expected] of Object.entries(sequence.expect)) {
    for (const member of membersOf(sequence, on)) {
      const records = await breaksOf(member, moment0, store);
      const record = chosen(records, expected, moment0);
      judged.verdicts += 1;
      if (!record) {
        faults.push(`${member.name}: no break`);
        continue;
      }
      const texts = templates.find(({ ruleHash }) => ruleHash === record.verdict.rule.hash);
      const diagnosis = renderDiagnosis(record.verdict, texts, record.event.facts);
      const isCertain = diagnosis.confidence === 'certain';
      judged.certain += isCertain ? 1 : 0;
      judged.certainUnfair += isCertain && expected.certain === 'wrong' ? 1 : 0;
      for (const fault of faultsOfVerdict(expected, record, diagnosis)) {
        faults.push(`${member.name}: ${diagnosis.rule.id}: ${fault}`);
      }
      if (expected.breaks !== undefined && records.length !== expected.breaks) {
        faults.push(`${member.name}: ${records.length} breaks, not ${expected.breaks}`);
      }
    }
  }
  if (sequence.incidents) {
    const now = Math.max(moment0, ...messages.map(({ arrivesAt }) => arrivesAt)) + 30_000;
    const range = { from: moment0 - 6 * HOUR, to: now };
    const { records } = await readHistory(range, [sequence.id], ['broken', 'refused'], { store });
    const since = () => moment0 - 8 * HOUR;
    const found = await groupHistory(records, now, { store, pushesSince: since });
    faults.push(
      ...faultsOfIncidents(
        sequence,
        sequence.incidents,
        found.map((one) => one.summarize()),
      ),
    );
  }
  return judged;
}

/** The streams of a step: one named as the group, or `NAME-1`, `NAME-2`, … */
function membersOf({ id, streams, separately }: Sequence, on: string): Member[] {
  const group = streams?.[on] ?? {};
  return Array.from({ length: group.count ?? 1 }, (_unused, turn) => {
    const name = group.count === undefined ? on : `${on}-${turn + 1}`;
    return { group, name, index: turn + 1, account: separately ? `${id} ${name}` : id };
  });
}

function messagesOf(sequence: Sequence, moment0: number, faults: string[]): Message[] {
  const messages = sequence.seen.flatMap((step) =>
    membersOf(sequence, step.on).flatMap((member) =>
      Array.from({ length: step.times ?? 1 }, (_unused, turn) => {
        const share = (member.index - 1) / (member.group.count ?? 1);
        const at =
          moment0 + (step.at + (step.spread ?? 0) * share + turn * (step.every ?? 0)) * 1_000;
        const arrivesAt = at + (step.arrives ?? 1) * 1_000;
        const push = (step.push ?? 1) + (step.times ? turn / 1_000 : 0);
        const body = bodyOf(sequence, step, { member, at, push, moment0 });
        return { step, member, body, arrivesAt };
      }),
    ),
  );
  return messages
    .sort((a, b) => a.arrivesAt - b.arrivesAt)
    .flatMap(({ step, member, body, arrivesAt }) => {
      const { rejects } = step;
      try {
        const entry = importEntry(member.account, body, arrivesAt, PUSH_KEYS);
        if (rejects !== undefined) {
          faults.push(`a message that must be refused (${rejects}) was accepted`);
          return [];
        }
        return [{ entry, arrivesAt }];
      } catch (error) {
        if (rejects === undefined || !new RegExp(rejects, 'i').test(String(error))) {
          faults.push(`refused with ${error}`);
        }
        return [];
      }
    });
}

interface Sent {
  member: Member;
  /** Epoch ms UTC. */
  at: number;
  push: number;
  moment0: number;
}

function bodyOf(sequence: Sequence, step: Step, sent: Sent): unknown {
  if (step.other) {
    return otherBody(step.other, sent);
  }
  const { member, at, push } = sent;
  const { group, name, index } = member;
  const domain = fill(group.domain ?? 'push.example.com', index);
  const ip = fill(step.ip ?? group.ip ?? '203.0.113.7', index);
  const liveMs = step.live === undefined ? liveSince(sequence, step, sent) : step.live * 1_000;
  if (step.record !== undefined) {
    return {
      StreamName: name,
      DomainName: domain,
      AppName: group.app ?? 'live',
      StreamStartTime: utc(at - liveMs),
      StreamEndTime: utc(at),
      StopReason: step.record,
      Duration: Math.round(liveMs / 1_000),
      ClientIp: ip,
      ...(liveMs > 0 && { Resolution: '1280*720' }),
    };
  }
  return {
    event_type: step.begin ? 1 : 0,
    appid: 1250000000,
    app: domain,
    appname: group.app ?? 'live',
    stream_id: name,
    channel_id: name,
    event_time: Math.floor(at / 1_000),
    sequence: sequenceOf(sent.moment0, name, push),
    node: fill(step.node ?? group.node ?? '192.0.2.1', index),
    user_ip: ip,
    stream_param: queryOf(step, member, sent.moment0),
    errcode: step.end ?? 0,
    errmsg: step.errmsg ?? (step.begin ? 'ok' : ''),
    ...(step.begin ? {} : { push_duration: String(liveMs) }),
    set_id: 2,
    width: liveMs > 0 || step.begin ? 1280 : 0,
    height: liveMs > 0 || step.begin ? 720 : 0,
  };
}

/** How long the push was live, by the script: 0 for a push without a begin. Milliseconds. */
function liveSince(sequence: Sequence, { on }: Step, { member, at, push, moment0 }: Sent): number {
  const begin = sequence.seen.find(
    (one) => one.begin && one.on === on && (one.push ?? 1) === push && !one.times,
  );
  if (!begin) {
    return 0;
  }
  const share = (member.index - 1) / (member.group.count ?? 1);
  return Math.max(0, at - moment0 - (begin.at + (begin.spread ?? 0) * share) * 1_000);
}

function queryOf({ url = {} }: Step, { group, name }: Member, moment0: number): string {
  if (url.raw !== undefined) {
    return url.raw;
  }
  const expiresIn = url.expiresIn ?? group.expiresIn ?? 86_400;
  const txTime = Math.floor(moment0 / 1_000 + expiresIn).toString(16);
  const key = (url.secret ?? group.secret) === 'wrong' ? 'another-key' : RIGHT_KEY;
  return `txSecret=${computeTxSecret(key, name, txTime)}&txTime=${txTime}`;
}

/** Fills the event's time and sequence into a body that is given whole. */
function otherBody(body: Record<string, unknown>, { member, at, push, moment0 }: Sent): unknown {
  const text = JSON.stringify(body, (_key, value) => {
    if (value === 'AT') {
      return Math.floor(at / 1_000);
    }
    return typeof value === 'number' && value < 0 && Number.isInteger(value / 1_000)
      ? moment0 + value
      : value;
  });
  return JSON.parse(text.replaceAll('"SEQ"', `"${sequenceOf(moment0, member.name, push)}"`));
}

function sequenceOf(moment0: number, name: string, push: number): string {
  return `${moment0 / DAY}-${name}-${push}`;
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

async function breaksOf(member: Member, moment0: number, store: Store): Promise<BreakRecord[]> {
  const { group, name, index, account } = member;
  const domain = fill(group.domain ?? 'push.example.com', index);
  const key = { account, domain, app: group.app ?? 'live', stream: name };
  const range = { from: moment0 - 6 * HOUR, to: moment0 + HOUR };
  const found = await store.breaksOfStream(key, range);
  return found.sort((a, b) => a.event.endedAt - b.event.endedAt);
}

function chosen(
  records: readonly BreakRecord[],
  { at }: ExpectedVerdict,
  moment0: number,
): BreakRecord | undefined {
  if (at === undefined) {
    return records.at(-1);
  }
  const distance = ({ event }: BreakRecord) => Math.abs(event.endedAt - moment0 - at * 1_000);
  return [...records].sort((a, b) => distance(a) - distance(b))[0];
}

function faultsOfVerdict(
  expect: ExpectedVerdict,
  { event, verdict }: BreakRecord,
  diagnosis: Diagnosis,
): string[] {
  const { category, retry, confidence } = diagnosis;
  const kind = /^\d+s$/.test(retry) ? 'wait' : retry;
  const words = (language: Language) =>
    [diagnosis.cause, ...diagnosis.fix].map((text) => text[language] ?? '').join('\n');
  const says = (pattern: string, language: Language) =>
    new RegExp(pattern, 'i').test(words(language));
  const checks: [boolean, string][] = [
    [expect.category.includes(category), `category ${category}, not ${expect.category}`],
    [expect.side.includes(diagnosis.side), `side ${diagnosis.side}, not ${expect.side}`],
    [expect.retry.includes(kind), `retry ${retry}, not ${expect.retry}`],
    [expect.outcome.includes(event.outcome), `outcome ${event.outcome}, not ${expect.outcome}`],
    [
      expect.reason === undefined || expect.reason.includes(verdict.reason),
      `reason ${verdict.reason}, not ${expect.reason}`,
    ],
    [says(expect.says, 'en'), `does not say ${expect.says}`],
    [says(expect.saysInChinese, 'zh'), `does not say ${expect.saysInChinese}`],
    [expect.neverSays === undefined || !says(expect.neverSays, 'en'), `says ${expect.neverSays}`],
    [
      confidence !== 'certain' || expect.certain === 'fair',
      '"certain", which no document supports',
    ],
    [!LANGUAGES.some((language) => UNFILLED.test(words(language))), 'a text is not filled'],
  ];
  return checks.filter(([right]) => !right).map(([, fault]) => fault);
}

function faultsOfIncidents(
  sequence: Sequence,
  expected: readonly ExpectedIncident[],
  incidents: readonly Incident[],
): string[] {
  const faults: string[] = [];
  if (incidents.length !== expected.length) {
    const list = incidents.map(
      ({ scope, streams, cause }) =>
        `${scope.kind} ${scope.value} ${streams} ${cause.verdict.rule.id}`,
    );
    faults.push(`${incidents.length} incidents, not ${expected.length}: ${list.join('; ')}`);
  }
  const namesIn = (groups: readonly string[]) =>
    new Set(groups.flatMap((on) => membersOf(sequence, on).map(({ name }) => name)));
  for (const wanted of expected) {
    const streams = namesIn(wanted.of);
    const overlap = ({ chains }: Incident) =>
      new Set(chains.map(({ stream }) => stream).filter((name) => streams.has(name))).size;
    const best = [...incidents].sort((a, b) => overlap(b) - overlap(a))[0];
    if (!best || overlap(best) === 0) {
      faults.push(`no incident of ${wanted.of}`);
      continue;
    }
    faults.push(...faultsOfIncident(best, wanted, streams, namesIn(wanted.may ?? [])));
  }
  return faults;
}

function faultsOfIncident(
  { scope, chains, cause, state }: Incident,
  wanted: ExpectedIncident,
  streams: ReadonlySet<string>,
  optional: ReadonlySet<string>,
): string[] {
  const names = new Set(chains.map(({ stream }) => stream));
  const missing = [...streams].filter((name) => !names.has(name)).length;
  const strange = [...names].filter((name) => !streams.has(name) && !optional.has(name)).length;
  const first = mostFrequent(chains.map(({ firstCause }) => firstCause));
  const blocker = mostFrequent(chains.map((chain) => chain.blocker));
  const { category, side } = cause.verdict;
  const checks: [boolean, string][] = [
    [wanted.category.includes(category), `category ${category}, not ${wanted.category}`],
    [wanted.side?.includes(side) ?? true, `side ${side}, not ${wanted.side}`],
    [
      wanted.scope.some(
        ({ kind, value }) => kind === scope.kind && (value === undefined || value === scope.value),
      ),
      `scope ${scope.kind} ${scope.value}`,
    ],
    [missing + strange === 0, `${missing} streams missing, ${strange} strange`],
    [
      wanted.firstCause === undefined || wanted.firstCause === first,
      `first cause ${first}, not ${wanted.firstCause}`,
    ],
    [
      wanted.blocker === undefined || wanted.blocker === blocker,
      `blocker ${blocker}, not ${wanted.blocker}`,
    ],
    [wanted.state?.includes(state) ?? true, `state ${state}, not ${wanted.state}`],
  ];
  return checks
    .filter(([right]) => !right)
    .map(([, fault]) => `incident of ${wanted.of}: ${fault}`);
}

/** The reason that most outages name, or null. */
function mostFrequent(records: readonly (BreakRecord | null)[]): string | null {
  const counts = new Map<string | null, number>();
  for (const record of records) {
    const reason = record?.verdict.reason ?? null;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
