import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiEntry } from '../../../src/css/api/api-entry.ts';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import type { Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import type { JournalEntry } from '../../../src/model/break.ts';
import { NOON } from '../../helpers/arrived-end.ts';
import { deriveJournal } from '../../helpers/derive-journal.ts';
import { loadShippedDiagnoser } from '../../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

const DOMAIN = 'push.example.com';

/** A callback of the stream shop-17, `second` seconds after noon. */
function callback(second: number, part: Record<string, unknown>): JournalEntry {
  const body = {
    app: DOMAIN,
    appname: 'live',
    stream_id: 'shop-17',
    event_time: NOON / 1000 + second,
    user_ip: '203.0.113.7',
    node: '198.51.100.1',
    ...part,
  };
  return callbackEntry('default', parseCallback(body), NOON + second * 1000 + 300, []);
}

function utc(second: number): string {
  return `${new Date(NOON + second * 1000).toISOString().slice(0, 19)}Z`;
}

/** A record of the event list of the stream shop-17. */
function record(startSecond: number, endSecond: number, reason: string): JournalEntry {
  return apiEntry(
    'default',
    {
      DomainName: DOMAIN,
      AppName: 'live',
      StreamName: 'shop-17',
      StreamStartTime: utc(startSecond),
      StreamEndTime: utc(endSecond),
      StopReason: reason,
      Duration: endSecond - startSecond,
      ClientIp: '203.0.113.7',
    },
    NOON + 120_000,
  );
}

/**
 * A network break, two refusals of the reconnect by the expired URL, a new push, its normal end:
 * seven messages of both sources about five ends and one begin.
 */
const STORY: JournalEntry[] = [
  callback(0, {
    event_type: 0,
    sequence: '1',
    errcode: 13,
    errmsg: 'Network error for the push client.',
    push_duration: '600000',
    stream_param: `txTime=${(NOON / 1000 - 60).toString(16)}`,
  }),
  record(-600, 1, '推流链路网络异常'),
  callback(4, { event_type: 0, sequence: '2', errcode: 18, errmsg: 'push url maybe invalid' }),
  record(4, 4, '推流时间戳参数值已过期'),
  record(9, 9, '推流时间戳参数值已过期'),
  callback(40, { event_type: 1, sequence: '3', errcode: 0, errmsg: 'ok' }),
  callback(100, { event_type: 0, sequence: '3', errcode: 1, push_duration: '60000' }),
];

let diagnoser: Diagnoser;
let temporary: TemporaryStore;
let accounts = 0;

beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
  temporary = await openTemporaryStore();
});
afterAll(() => temporary?.remove());

/** Journals and derives the entries in the given batches, under a new account. */
async function derive(batches: JournalEntry[][]): Promise<string> {
  const { store } = temporary;
  accounts += 1;
  const account = `account-${accounts}`;
  for (const batch of batches) {
    // Nodes and addresses count across accounts.
    const own = JSON.stringify(batch).replaceAll('203.0.113.', `198.18.${accounts}.`);
    const alone = own.replaceAll('198.51.100.', `198.19.${accounts}.`);
    const moved = JSON.parse(alone) as JournalEntry[];
    await store.append(moved.map((entry) => ({ ...entry, account })));
    await deriveJournal({ store, diagnoser, apiState: () => undefined }, 1_000);
  }
  return account;
}

/** Does the same, and returns what a view shows. */
async function deriveView(batches: JournalEntry[][]) {
  const account = await derive(batches);
  const range = { from: NOON - 3_600_000, to: NOON + 3_600_000 };
  const filters = { account: [account] };
  const records = await temporary.store.findBreaks({ range, filters, limit: 100 });
  return records.map(({ event, verdict }) => ({
    at: (event.endedAt - NOON) / 1000,
    reason: event.reason,
    rule: verdict.rule.id,
    outcome: event.outcome,
    recoveredAfter: event.recoveredAt === null ? null : (event.recoveredAt - NOON) / 1000,
    sources: event.sources.map((key) => key.source).sort(),
    previous: event.facts.previousReason,
    breaksOfStream: event.facts.breaksOfStream10m,
  }));
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const rest = [...items];
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return items.map(() => rest.splice(Math.floor(next() * rest.length), 1)[0] as T);
}

describe('deriveEntries', { timeout: 120_000 }, () => {
  let view: Awaited<ReturnType<typeof deriveView>>;
  beforeAll(async () => {
    view = await deriveView([STORY]);
  });
  afterAll(() => expect(view).toHaveLength(4));

  it('merges the reports of both sources into one event with its recovery', () => {
    expect(view.map(({ at, reason, outcome, sources }) => [at, reason, outcome, sources])).toEqual([
      [100, 'client_closed', 'ended', ['callback']],
      [9, 'expiry_passed', 'refused', ['api']],
      [4, 'expiry_passed', 'refused', ['api', 'callback']],
      [0, 'network', 'broken', ['api', 'callback']],
    ]);
    expect(view.slice(1).map(({ recoveredAfter }) => recoveredAfter)).toEqual([40, 40, 40]);
    expect(view[0]?.recoveredAfter).toBeNull();
  });

  it('gives rules the earlier breaks', () => {
    expect(view[2]).toMatchObject({ previous: 'network', breaksOfStream: 1 });
    expect(view[2]?.rule).toBe('auth/url-expired-after-network-break');
    expect(view[1]).toMatchObject({ previous: 'expiry_passed', breaksOfStream: 2 });
  });

  it('has the same result for any order and batches of messages', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const order = shuffled(STORY, seed);
      const batches = seed % 3 === 0 ? [order] : order.map((entry) => [entry]);
      expect(await deriveView(batches), `order ${seed}`).toEqual(view);
    }
  });

  it('keeps the expiry of a push URL, whatever arrives before or after its start', async () => {
    const end = callback(100, { event_type: 0, sequence: '3', errcode: 1, push_duration: '60000' });
    const begin = callback(40, {
      event_type: 1,
      sequence: '3',
      stream_param: `txTime=${(NOON / 1000 + 900).toString(16)}`,
    });
    for (const story of [[begin], [begin, end], [end, begin]]) {
      const account = await derive(story.map((entry) => [entry]));
      const range = { from: NOON, to: NOON + 60_000 };
      const pushes = await temporary.store.pushesDuring({ range, limit: 100 });
      const [push] = pushes.filter((one) => one.account === account);
      expect(push?.txTime).toBe(NOON + 900_000);
    }
  });

  it('knows start and duration from the start with the same sequence, in any order', async () => {
    const begin = callback(0, { event_type: 1, sequence: '9', errcode: 0 });
    const end = callback(4, { event_type: 0, sequence: '9', errcode: 1 });
    for (const batches of [[[begin, end]], [[end, begin]], [[begin], [end]], [[end], [begin]]]) {
      const account = await derive(batches);
      const key = { account, domain: DOMAIN, app: 'live', stream: 'shop-17' };
      const range = { from: NOON - 1_000, to: NOON + 60_000 };
      const [found] = await temporary.store.breaksOfStream(key, range);
      expect(found?.event).toMatchObject({ startedAt: NOON, durationMs: 4_000 });
      expect(found?.event.facts).toMatchObject({ durationMs: 4_000, secondsLive: 4 });
      expect(await temporary.store.pushesOfStream(key, range)).toMatchObject([
        { startedAt: NOON, endedAt: NOON + 4_000 },
      ]);
    }
  });

  it('keeps the recovery of a break when the next push ends, in any order', async () => {
    const cut = { event_type: 0, sequence: '1', errcode: 13, push_duration: '600000' };
    // Their starts by the callback of the end: 40.3 s, 39.7 s and 40 s.
    for (const duration of ['59700', '60300', '60000']) {
      const story = [
        callback(0, cut),
        callback(40, { event_type: 1, sequence: '3', errcode: 0 }),
        callback(100, { event_type: 0, sequence: '3', errcode: 13, push_duration: duration }),
      ];
      for (let seed = 1; seed <= 4; seed += 1) {
        const batches = shuffled(story, seed).map((entry) => [entry]);
        const found = await deriveView(seed === 1 ? story.map((entry) => [entry]) : batches);
        expect(found.map(({ recoveredAfter }) => recoveredAfter)).toEqual([null, 40]);
      }
    }
  });

  it.each([
    // When the second push ended, and the recoveries of the breaks at these times.
    [50, { 0: 0, 50: 3_000 }],
    // The older push is no proof that viewers saw something.
    [-5, { '-5': 3_000, 0: 3_000 }],
  ])(
    'recovers a break beside a live push at once (its end at %i s), in any order',
    async (end, recovered) => {
      const story = [
        callback(-600, { event_type: 1, sequence: '1', errcode: 0 }),
        callback(-20, { event_type: 1, sequence: '2', errcode: 0 }),
        callback(0, { event_type: 0, sequence: '1', errcode: 13, push_duration: '600000' }),
        callback(end, {
          event_type: 0,
          sequence: '2',
          errcode: 13,
          push_duration: String((end + 20) * 1_000),
        }),
        callback(3_000, { event_type: 1, sequence: '3', errcode: 0 }),
      ];
      for (let seed = 1; seed <= 6; seed += 1) {
        const found = await deriveView(shuffled(story, seed).map((entry) => [entry]));
        expect(Object.fromEntries(found.map((one) => [one.at, one.recoveredAfter]))).toEqual(
          recovered,
        );
      }
    },
  );

  it('keeps the recovery that the API reported when no begin arrives and the push ends', async () => {
    const cut = callback(0, {
      event_type: 0,
      sequence: '1',
      errcode: 13,
      push_duration: '600000',
    });
    const api = record(41, 101, '推流链路网络异常');
    const end = callback(100, {
      event_type: 0,
      sequence: '3',
      errcode: 13,
      push_duration: '59700',
    });
    for (const batches of [[[cut], [api], [end]], [[end], [api], [cut]], [[cut, end, api]]]) {
      const found = await deriveView(batches);
      expect(found.map(({ recoveredAfter }) => recoveredAfter)).toEqual([null, 41]);
    }
  });

  it('does not take the start of another push', async () => {
    const account = await derive([
      [
        callback(0, { event_type: 1, sequence: '9', errcode: 0 }),
        callback(4, { event_type: 0, sequence: '10', errcode: 1 }),
        callback(5, { event_type: 0, errcode: 4 }),
      ],
    ]);
    const key = { account, domain: DOMAIN, app: 'live', stream: 'shop-17' };
    const found = await temporary.store.breaksOfStream(key, { from: NOON, to: NOON + 60_000 });
    expect(found.map(({ event }) => [event.startedAt, event.durationMs])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('counts ends in quick succession, whatever their order', async () => {
    const stops = [0, 70, 140, 210].map((second) => record(second, second + 60, '客户端主动断流'));
    const expected = [
      ['client/stops-in-a-row', 'broken'],
      ['client/stopped', 'ended'],
      ['client/stopped', 'ended'],
      ['client/stopped', 'ended'],
    ];
    for (const seed of [1, 2]) {
      const batches = shuffled(stops, seed).map((entry) => [entry]);
      const found = await deriveView(batches);
      expect(found.map(({ rule, outcome }) => [rule, outcome])).toEqual(expected);
    }
  });

  it('counts a repeated message once', async () => {
    expect(await deriveView([STORY, STORY])).toEqual(view);
  });
});
