import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { importLines } from '../../../src/engine/collect/import-lines.ts';
import { createEngine, type StartableEngine } from '../../../src/engine/create-engine.ts';
import type { Account, ExportRequest } from '../../../src/engine/engine.ts';
import type { Query } from '../../../src/model/query.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { CALLBACK_KEY, PUSH_KEY, signedCallback } from '../../helpers/signed-callback.ts';

const RUNS = 20;
const MINUTE = 60_000;
const NOW = Date.UTC(2026, 2, 14, 12);
const START = NOW - 3 * 60 * MINUTE;

const accountOf = (name: string): Account => ({
  name,
  site: 'cn',
  callbackKeys: [CALLBACK_KEY],
  pushKeys: [{ domain: '*', key: PUSH_KEY }],
  backfillMs: 0,
  pollSeconds: 60,
});
const ACCOUNTS = [
  'default',
  ...[0, 1, 2, 3, 4, 5].map((index) => `into-${index}`),
  ...Array.from({ length: 60 }, (_none, index) => `run-${index}`),
];

interface Side {
  engine: StartableEngine;
  store: Store;
}

let folder: string;
let first: Side;
let second: Side;

async function open(name: string): Promise<Side> {
  // There are no power failures here, so do not wait for the disk.
  const store = await openSqliteStore({ folder: join(folder, name), synchronous: 'normal' });
  const engine = await createEngine({
    store,
    rules: (await loadRules([shippedRulesFolder()])).ruleSet,
    accounts: ACCOUNTS.map(accountOf),
    answersWaitMs: 60_000,
    version: '1.2.3',
    now: () => NOW,
  });
  return { engine, store };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-export-'));
  first = await open('first');
  second = await open('second');
}, 120_000);
afterAll(async () => {
  await first?.engine.close();
  await second?.engine.close();
  await rm(folder, { recursive: true, force: true });
});

const utc = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;

const REASONS = [
  { errcode: 13, text: '推流链路网络异常' },
  { errcode: 4, text: 'rtmp client closed the connection' },
  { errcode: 18, text: '推流时间戳参数值已过期' },
  { errcode: 20, text: 'a wording that nobody has documented' },
  { errcode: 0, text: '' },
];

/** One push of a stream, and how its messages arrive. */
const anyPush = fc.record({
  stream: fc.integer({ min: 0, max: 5 }),
  node: fc.constantFrom('n1', 'n2'),
  domain: fc.constantFrom('a.example.com', 'b.example.com'),
  start: fc.integer({ min: 0, max: 100 }),
  seconds: fc.integer({ min: 0, max: 900 }),
  reason: fc.constantFrom(...REASONS, REASONS[0] as (typeof REASONS)[0]),
  begin: fc.boolean(),
  end: fc.constantFrom('callback', 'api', 'both', 'none'),
  /** How late each message is, minutes. */
  late: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 }),
});
type AnyPush = typeof anyPush extends fc.Arbitrary<infer T> ? T : never;

interface Message {
  at: number;
  send: (engine: StartableEngine, account: string) => Promise<unknown>;
}

function messagesOf(push: AnyPush, index: number): Message[] {
  const { domain, node, seconds, reason, late, stream } = push;
  const startedAt = START + push.start * MINUTE + index * 1_000;
  const endedAt = startedAt + seconds * 1_000;
  const name = `shop-${stream}`;
  const arrives = (at: number, kind: number) => Math.min(NOW, at + (late[kind] as number) * MINUTE);
  const callback = (eventAt: number, at: number, change: Record<string, unknown>): Message => ({
    at,
    send: (engine, account) =>
      engine.acceptCallback(
        account,
        signedCallback({
          at: eventAt,
          change: {
            app: domain,
            appname: 'live',
            stream_id: name,
            node,
            user_ip: `203.0.113.${stream}`,
            sequence: `${900_000 + index}`,
            t: Math.floor(at / 1_000) + 600,
            ...change,
          },
        }),
        at,
      ),
  });
  const messages: Message[] = [];
  if (push.begin) {
    messages.push(callback(startedAt, arrives(startedAt, 0), { event_type: 1, errcode: 0 }));
  }
  if (push.end === 'callback' || push.end === 'both') {
    messages.push(
      callback(endedAt, arrives(endedAt, 1), {
        event_type: 0,
        errcode: reason.errcode,
        errmsg: reason.text,
        push_duration: String(seconds * 1_000),
      }),
    );
  }
  if (push.end === 'api' || push.end === 'both') {
    messages.push({
      at: arrives(endedAt, 2),
      send: (engine, account) =>
        engine.importRecords(
          account,
          [
            {
              DomainName: domain,
              AppName: 'live',
              StreamName: name,
              StreamStartTime: utc(startedAt),
              StreamEndTime: utc(endedAt),
              StopReason: reason.text,
              Duration: seconds,
              ClientIp: `203.0.113.${stream}`,
            },
          ],
          { notify: true },
        ),
    });
  }
  return messages;
}

async function exported({ engine }: Side, request: ExportRequest): Promise<string> {
  let text = '';
  for await (const lines of engine.exportLines(request)) {
    text += lines;
  }
  return text;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const imported = ({ engine }: Side, text: string, account: string | null = null) =>
  importLines(engine, account, bytes(text), { notify: true });

/** Everything that an engine answers about an account. */
async function answersOf({ engine, store }: Side, account: string) {
  await engine.settled();
  const range = { from: START - 60 * MINUTE, to: NOW + 60 * MINUTE };
  const filters = { account: [account] };
  const queries = [
    { refId: 'breaks', queryType: 'breaks', filters },
    { refId: 'incidents', queryType: 'incidents', filters },
    { refId: 'streams', queryType: 'streams', filters },
    { refId: 'annotations', queryType: 'annotations', filters },
    { refId: 'count', queryType: 'series', groupBy: ['reason', 'domain'], filters },
    { refId: 'lost', queryType: 'series', measure: 'lostMinutes', groupBy: ['stream'], filters },
  ] as Query[];
  const { results } = await engine.query({ ...range, queries });
  const { records } = await engine.breaks({ range, filters, limit: 1_000 });
  const search = { account: [account], limit: 1_000 };
  const pushes = await store.pushesDuring({ ...search, range });
  const byStart = (a: (typeof pushes)[0], b: (typeof pushes)[0]) =>
    a.startedAt - b.startedAt || (a.stream < b.stream ? -1 : 1);
  const breaks = new Set(records.map(({ event }) => event.id));
  return { results: withoutFounders(results, breaks), records, pushes: pushes.sort(byStart) };
}

/**
 * Replaces the ids of incidents by their order. An incident has the id of one of its breaks. It keeps that id, and
 * so its alert, when an earlier break arrives later; an import has all breaks at once and takes the first.
 */
function withoutFounders(results: unknown, breaks: ReadonlySet<string>): unknown {
  const names = new Map<string, string>();
  const text = JSON.stringify(results).replace(/\binc-([0-9a-f]+)/g, (id, founder: string) => {
    expect(breaks).toContain(founder);
    names.set(id, names.get(id) ?? `incident-${names.size}`);
    return names.get(id) as string;
  });
  return JSON.parse(text);
}

describe('an export', () => {
  it('gives every answer again after an import, whatever arrived in whatever order', async () => {
    let run = 0;
    const seen = { breaks: 0, merged: 0, recovered: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyPush, { minLength: 1, maxLength: 25 }),
        fc.array(fc.boolean(), { minLength: 75, maxLength: 75 }),
        async (pushes, waits) => {
          run += 1;
          const account = `run-${run % 60}`;
          const messages = pushes.flatMap(messagesOf).sort((a, b) => a.at - b.at);
          for (const [index, message] of messages.entries()) {
            await message.send(first.engine, account);
            // What a break counts near it depends on what was known then.
            await (waits[index] ? first.engine.idle() : undefined);
          }
          const before = await answersOf(first, account);
          const text = await exported(first, { filters: { account: [account] } });
          const counts = await imported(second, text);
          expect(counts).toMatchObject({ rejected: 0, duplicates: 0, errors: [] });
          expect(await answersOf(second, account)).toEqual(before);
          // Nothing is counted twice, and nothing changes.
          expect(await imported(second, text)).toMatchObject({ accepted: 0, restored: 0 });
          const again = await exported(second, { filters: { account: [account] } });
          const rest = (lines: string) => lines.split('\n').slice(1);
          expect(rest(again)).toEqual(rest(text));
          seen.breaks += before.records.length;
          seen.merged += before.records.filter(({ event }) => event.sources.length > 1).length;
          seen.recovered += before.records.filter(({ event }) => event.recoveredAt).length;
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
    // Random courses are of any length; some must have had something to compare.
    expect(seen.breaks).toBeGreaterThan(10);
    expect(seen.merged).toBeGreaterThan(0);
    expect(seen.recovered).toBeGreaterThan(0);
  }, 300_000);

  describe('in lines', () => {
    let text: string;
    let lines: string[];
    beforeAll(async () => {
      const pushes: AnyPush[] = [0, 1, 2].map((stream) => ({
        ...{ stream, node: 'n1', domain: 'a.example.com', start: stream, seconds: 300 },
        ...{ reason: REASONS[0] as (typeof REASONS)[0], begin: true, end: 'both' as const },
        late: [0, 0, 1],
      }));
      for (const message of pushes.flatMap(messagesOf)) {
        await message.send(first.engine, 'default');
      }
      await first.engine.idle();
      text = await exported(first, { filters: { account: ['default'] } });
      lines = text.trimEnd().split('\n');
    });

    /** Imports the lines of the default account into another account of the second engine. */
    const into = (account: string, ...given: string[]) =>
      imported(second, `${given.join('\n')}\n`, account);
    const breaksOf = async (side: Side, account: string) => {
      await side.engine.idle();
      const range = { from: 0, to: NOW + MINUTE };
      const filters = { account: [account] };
      return (await side.engine.breaks({ range, filters, limit: 100 })).records;
    };

    it('holds no secret, and each line says its format', () => {
      expect(lines).toHaveLength(1 + 9 + 3 + 1);
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({ breakwatch: 1 });
      }
      expect(text).toContain('"txSecretMatches":"no"');
      expect(text).not.toContain(PUSH_KEY);
      expect(text).toContain('txSecret=***');
    });

    it('takes what is good of a file that was cut, and says what to do', async () => {
      const cut = text.slice(0, text.indexOf(lines[5] as string) + 40);
      const answer = await imported(second, cut, 'into-0');
      expect(answer).toMatchObject({ lines: 6, accepted: 4, rejected: 2 });
      expect(answer.errors.map(({ line, error }) => [line, error.code])).toEqual([
        [6, 'BAD_JSON'],
        [6, 'EXPORT_INCOMPLETE'],
      ]);
      expect(answer.errors[1]?.error.remedy).toBe(
        'Export again and import the whole file. Lines that are known are not counted twice.',
      );
      expect(await imported(second, text, 'into-0')).toMatchObject({
        accepted: 5,
        duplicates: 4,
        rejected: 0,
      });
    });

    it('notices a line that was removed', async () => {
      const answer = await into('into-1', ...lines.filter((_line, index) => index !== 3));
      expect(answer).toMatchObject({ accepted: 8, rejected: 1 });
      expect(answer.errors).toMatchObject([{ line: 13, error: { code: 'EXPORT_INCOMPLETE' } }]);
    });

    it('of another format is refused line by line; other lines are taken', async () => {
      const newer = lines.map((line) => line.replace('"breakwatch":1', '"breakwatch":2'));
      const record = { StreamName: 's', StreamEndTime: '2026-03-14T11:00:00Z', StopReason: 'x' };
      const answer = await into('into-2', ...newer, JSON.stringify(record));
      expect(answer).toMatchObject({ accepted: 1, rejected: 14 });
      expect(answer.errors[0]).toEqual({
        line: 1,
        error: {
          code: 'EXPORT_VERSION',
          message: 'The line is from an export in format 2; this Breakwatch reads format 1.',
          remedy:
            'Import it with the version that wrote it, or update Breakwatch and export again.',
        },
      });
    });

    it('of breaks with their diagnosis names the format that can be imported', async () => {
      const [record] = await breaksOf(first, 'default');
      const shown = { ...record?.event, diagnosis: {} };
      const { errors } = await into('into-2', JSON.stringify(shown));
      expect(errors[0]?.error.message).toContain('export with --format jsonl');
    });

    it.each([
      ['source', { source: 'rumour' }],
      ['key', { key: 7 }],
      ['key', { key: 'x'.repeat(600) }],
      ['key', { key: `sign=${'0123456789abcdef'.repeat(2)}` }],
      ['receivedAt', { receivedAt: '2026' }],
      ['receivedAt', { receivedAt: NOW + 100 * 3_600_000 }],
      ['body', { body: [] }],
      ['derived', { derived: { a: {} } }],
      ['kind', { kind: 'secret' }],
    ])('with a wrong %s is refused', async (field, change) => {
      const damaged = JSON.stringify({ ...JSON.parse(lines[1] as string), ...change });
      const { errors, accepted } = await into('into-3', damaged);
      expect(accepted).toBe(0);
      expect(errors[0]?.error).toMatchObject({ code: 'BAD_EVENT' });
      expect(errors[0]?.error.message).toContain(field);
    });

    it('masks secrets of a line that somebody wrote by hand', async () => {
      const entry = JSON.parse(lines[1] as string);
      entry.body.stream_param = `txSecret=${'abcdef0123456789'.repeat(2)}&txTime=69b0f00f`;
      entry.body.note = `key ${CALLBACK_KEY}`;
      expect(await into('into-4', JSON.stringify(entry))).toMatchObject({ accepted: 1 });
      const again = await exported(second, { filters: { account: ['into-4'] } });
      expect(again).not.toContain('abcdef0123456789');
      expect(again).not.toContain(CALLBACK_KEY);
    });

    it('keeps the account of each line, unless one is given', async () => {
      await into('into-5', ...lines);
      expect((await breaksOf(second, 'into-5')).map(({ event }) => event.stream)).toEqual([
        'shop-2',
        'shop-1',
        'shop-0',
      ]);
      const unknown = lines.map((line) => line.replaceAll('"account":"default"', '"account":"no"'));
      const answer = await imported(second, unknown.join('\n'));
      expect(answer).toMatchObject({ accepted: 0, rejected: 12 });
      expect(answer.errors[0]?.error.code).toBe('UNKNOWN_ACCOUNT');
    });

    it('gives no facts to a break that was collected here', async () => {
      const facts = JSON.parse(lines.find((line) => line.includes('"kind":"facts"')) as string);
      facts.facts.breaksOfDomain5m = 77;
      facts.sources[0].receivedAt += 1;
      const [newest] = await breaksOf(first, 'default');
      expect(facts.id).toBe(newest?.event.id);
      const answer = await imported(first, JSON.stringify(facts));
      expect(answer).toMatchObject({ lines: 0, restored: 0, rejected: 0 });
      facts.sources[0].receivedAt -= 1;
      expect(await imported(first, JSON.stringify(facts))).toMatchObject({ restored: 1 });
      const [changed] = await breaksOf(first, 'default');
      expect(changed?.event.facts.breaksOfDomain5m).toBe(77);
    });

    it('has only the streams and the time that were asked for', async () => {
      const some = async (request: ExportRequest) =>
        (await exported(first, request))
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line));
      const one = await some({ filters: { account: ['default'], stream: ['shop-1'] } });
      expect(one.map(({ kind }) => kind)).toEqual([
        'export',
        'entry',
        'entry',
        'entry',
        'facts',
        'end',
      ]);
      const from = START + MINUTE + 301_000;
      const late = await some({
        filters: { account: ['default'], stream: ['shop-*'] },
        range: { from, to: NOW },
      });
      expect(late.at(-1)).toMatchObject({ kind: 'end', entries: 4, facts: 2 });
    });
  });
});
