import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importEntry } from '../../src/css/import/import-entry.ts';
import { computeTxSecret } from '../../src/css/push-url/push-url.ts';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import type { ApiState } from '../../src/engine/derive/derive-entries.ts';
import { LiveStreams } from '../../src/engine/derive/live-streams.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Diagnosis } from '../../src/model/diagnosis.ts';
import { renderDiagnosis } from '../../src/model/render-template.ts';
import {
  type Category,
  LANGUAGES,
  type Language,
  type Outcome,
  type Side,
} from '../../src/model/vocabulary.ts';
import type { Store } from '../../src/store/store.ts';
import { deriveJournal } from '../helpers/derive-journal.ts';
import { PUSH_KEYS } from './chain-messages.ts';

/** Something that an operator sees (see README.md). Times are seconds around moment 0. */
interface Seen {
  callback?: Record<string, unknown>;
  record?: Record<string, unknown>;
  at: number;
  live?: number;
  url?: { expiresIn?: number; secret?: 'right' | 'wrong'; raw?: string | null };
  times?: number;
  every?: number;
}

/** What lies before an operator, and what he should be told. */
export interface Case {
  id: string;
  story: string;
  source: string;
  apiState?: ApiState;
  seen: Seen[];
  about?: string;
  expect: {
    category: Category[];
    side: Side[];
    retry: string[];
    outcome?: Outcome;
    says: string;
    saysInChinese?: string;
    neverSays?: string;
    certain: 'fair' | 'wrong';
  };
}

/** What came out of a case. */
export interface JudgedCase {
  given: Case;
  diagnosis: Diagnosis;
  /** What is wrong with it; empty when all is right. */
  faults: string[];
}

const FOLDER = join(import.meta.dirname, 'second-exam');
const DAY = 86_400_000;
/** Moment 0 of the first case, epoch ms UTC. */
const FIRST_DAY = Date.UTC(2026, 0, 5, 12, 0, 0);
/** What no text may hold, in any language. */
export const UNFILLED = /\{\{|\}\}|\[\[|\]\]|undefined|NaN|\bnull\b/;

/** Reads all cases, in the order of file names. */
export function readCases(): Case[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Case[]);
}

/**
 * Takes a case in as in life, in an account and on a day of its own, and judges what comes out.
 *
 * @param day - number of the case; its neighbours must not meet it
 */
export async function judgeCase(
  given: Case,
  day: number,
  { store, diagnoser }: { store: Store; diagnoser: Diagnoser },
): Promise<JudgedCase> {
  const moment0 = FIRST_DAY + day * DAY;
  const bodies = given.seen.flatMap((seen, index) => bodiesOf(seen, index, moment0));
  await store.append(
    bodies.map(({ body, at }) => importEntry(given.id, body, at + 1_000, PUSH_KEYS)),
  );
  const apiState = () => given.apiState ?? 'ok';
  const live = new LiveStreams(store);
  await deriveJournal({ store, diagnoser, live, apiState });
  const stream = given.about ?? 'show';
  const key = { account: given.id, domain: domainOf(given), app: 'live', stream };
  const found = await store.breaksOfStream(key, { from: moment0 - 30_000, to: moment0 + 30_000 });
  const record = found.sort((a, b) => b.event.endedAt - a.event.endedAt)[0];
  if (!record) {
    throw new Error(`${given.id}: no break of ${stream}`);
  }
  const texts = diagnoser.texts().find(({ ruleHash }) => ruleHash === record.verdict.rule.hash);
  const diagnosis = renderDiagnosis(record.verdict, texts, record.event.facts);
  return { given, diagnosis, faults: faultsOf(given, record, diagnosis) };
}

function domainOf({ seen }: Case): string {
  const last = seen.at(-1);
  return String(last?.record?.DomainName ?? last?.callback?.app ?? 'push.example.com');
}

function bodiesOf(seen: Seen, index: number, moment0: number) {
  return Array.from({ length: seen.times ?? 1 }, (_unused, turn) => {
    const at = moment0 + (seen.at + turn * (seen.every ?? 0)) * 1_000;
    const body = seen.record
      ? recordOf(seen, seen.record, at)
      : callbackOf(seen, seen.callback ?? {}, at, moment0, `9${index}0${turn}`);
    const filled = JSON.stringify(body).replaceAll('{i}', String(turn + 1));
    return { body: JSON.parse(filled) as unknown, at };
  });
}

function recordOf({ live = 0 }: Seen, fields: Record<string, unknown>, at: number) {
  return withoutNulls({
    StreamName: 'show',
    DomainName: 'push.example.com',
    AppName: 'live',
    StreamStartTime: utc(at - live * 1_000),
    StreamEndTime: utc(at),
    Duration: live,
    ClientIp: '203.0.113.7',
    Resolution: live > 0 ? '1280*720' : null,
    ...fields,
  });
}

function callbackOf(
  { url = {} }: Seen,
  fields: Record<string, unknown>,
  at: number,
  moment0: number,
  sequence: string,
) {
  const stream = String(fields.stream_id ?? 'show');
  const txTime = Math.floor(moment0 / 1_000 + (url.expiresIn ?? 86_400)).toString(16);
  const key = url.secret === 'wrong' ? 'another-key' : (PUSH_KEYS[0]?.key ?? '');
  const query = `txSecret=${computeTxSecret(key, stream, txTime)}&txTime=${txTime}`;
  return withoutNulls({
    event_type: 0,
    appid: 1250000000,
    app: 'push.example.com',
    appname: 'live',
    stream_id: stream,
    channel_id: stream,
    event_time: Math.floor(at / 1_000),
    sequence: `${sequence}${Math.floor(moment0 / DAY)}`,
    node: '192.0.2.1',
    user_ip: '203.0.113.7',
    stream_param: url.raw === undefined ? query : url.raw,
    set_id: 2,
    width: 1280,
    height: 720,
    ...fields,
  });
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function faultsOf({ expect }: Case, { event }: BreakRecord, diagnosis: Diagnosis): string[] {
  const { category, retry, confidence } = diagnosis;
  const kind = /^\d+s$/.test(retry) ? 'wait' : retry;
  const words = (language: Language) =>
    [diagnosis.cause, ...diagnosis.fix].map((text) => text[language] ?? '').join('\n');
  const says = (pattern: string | undefined, language: Language) =>
    pattern === undefined || new RegExp(pattern, 'i').test(words(language));
  const checks: [boolean, string][] = [
    [expect.category.includes(category), `category ${category}, not ${expect.category}`],
    [expect.side.includes(diagnosis.side), `side ${diagnosis.side}, not ${expect.side}`],
    [expect.retry.includes(kind), `retry ${retry}, not ${expect.retry}`],
    [
      expect.outcome === undefined || event.outcome === expect.outcome,
      `outcome ${event.outcome}, not ${expect.outcome}`,
    ],
    [says(expect.says, 'en'), `does not say ${expect.says}`],
    [says(expect.saysInChinese, 'zh'), `does not say ${expect.saysInChinese}`],
    [expect.neverSays === undefined || !says(expect.neverSays, 'en'), `says ${expect.neverSays}`],
    [confidence !== 'certain' || expect.certain === 'fair', 'certain, though nobody can be'],
    [!LANGUAGES.some((language) => UNFILLED.test(words(language))), 'a text is not filled'],
  ];
  return checks.filter(([right]) => !right).map(([, fault]) => `${diagnosis.rule.id}: ${fault}`);
}
