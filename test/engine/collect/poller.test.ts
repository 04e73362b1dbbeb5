import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCssClient } from '../../../src/css/api/css-client.ts';
import { readArrival } from '../../../src/css/read-arrival.ts';
import { PollAccount, type PollStatus } from '../../../src/engine/collect/poll-account.ts';
import {
  type Poller,
  type PollerOptions,
  startPoller,
} from '../../../src/engine/collect/poller.ts';
import type { JournalEntry, StoredJournalEntry } from '../../../src/model/break.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';
import type { BackfillProgress } from '../../../src/model/health.ts';
import { VirtualClock } from '../../../src/simulator/clock.ts';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../src/simulator/start-simulator.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { finishedPush } from '../../helpers/finished-push.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

let folder: string;
let store: Store;
/** All tests share one store, each with its own account. */
let name: string;
let tests = 0;
let clock: VirtualClock;
let handed: number;
let states: PollStatus[];
const simulators: Simulator[] = [];
const pollers: Poller[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-poll-'));
  store = await openSqliteStore({ folder });
});

afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  tests += 1;
  name = `shop-${tests}`;
  // Signatures are checked against real time, so the clock may be moved a few minutes only.
  clock = new VirtualClock(Math.floor(Date.now() / 1000) * 1000);
  handed = 0;
  states = [];
});

afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.close()));
  await Promise.all(simulators.splice(0).map((simulator) => simulator.stop()));
});

async function simulate(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ ...KEYS, clock, ...options });
  simulators.push(simulator);
  return simulator;
}

/** Short pauses between two tries; no test depends on their length. */
const nextChange = () => new Promise<void>((resolve) => setImmediate(resolve));

function optionsFor(endpoint: string, part: Partial<PollerOptions> = {}): PollerOptions {
  return {
    account: name,
    client: createCssClient({
      account: part.account ?? name,
      ...KEYS,
      site: 'cn',
      endpoint,
      timeoutMs: 30_000,
      pause: nextChange,
    }),
    store,
    backfillMs: DAY,
    pollSeconds: 10,
    now: () => clock.now(),
    accept: async (entries) => {
      handed += entries.length;
      await store.append(entries);
    },
    onStatus: (state) => states.push(state),
    ...part,
  };
}

function account(simulator: Simulator, part: Partial<PollerOptions> = {}): PollAccount {
  const options = optionsFor(simulator.url, part) as ConstructorParameters<typeof PollAccount>[0];
  return new PollAccount(options, new AbortController().signal);
}

function lastState(): PollStatus {
  return states.at(-1) as PollStatus;
}

async function journal(): Promise<StoredJournalEntry[]> {
  return (await store.journal(0, 100_000)).filter((entry) => entry.account === name);
}

/** Names of the streams whose ends are in the journal, one for each entry. */
async function ended(): Promise<string[]> {
  return (await journal()).flatMap((entry) => {
    const arrival = readArrival(entry);
    return arrival.kind === 'end' ? [arrival.event.stream] : [];
  });
}

describe('the first poll', () => {
  it('reads the present and the past, each event once', async () => {
    const simulator = await simulate({ scenario: 'day', seed: 5 });
    await account(simulator, { backfillMs: 2 * DAY }).poll();
    expect(lastState()).toMatchObject({ error: null, apiState: 'ok', lastPollAt: clock.now() });
    const { pushes } = simulator.truth();
    const over = pushes.filter((push) => push.endedAt !== undefined);
    expect(over.length).toBeGreaterThan(100);
    const ends = await ended();
    expect(ends.sort()).toEqual(over.map((push) => push.stream).sort());
    const begins = (await journal()).filter((entry) => readArrival(entry).kind === 'start');
    expect(begins).toHaveLength(pushes.length - over.length);
  });

  it('reads the newest first and reports its progress', async () => {
    const simulator = await simulate();
    const now = clock.now();
    for (const days of [5, 3, 2, 0.5]) {
      simulator.world.finished.push(finishedPush(now - days * DAY, { stream: `ago-${days}` }));
    }
    const poller = account(simulator, { backfillMs: 7 * DAY });
    await poller.poll();
    expect(lastState().backfill).toMatchObject({
      from: now - 7 * DAY,
      to: now - 10 * MINUTE,
      done: false,
    });
    expect(await ended()).toEqual(['ago-0.5', 'ago-2', 'ago-3', 'ago-5']);
    await poller.poll();
    expect(lastState().backfill).toMatchObject({ remainingMs: 0, done: true });
  });

  it('continues its progress after a restart, and reports none for a reread', async () => {
    const simulator = await simulate();
    const now = clock.now();
    for (let hour = 0; hour < 72; hour += 1) {
      simulator.world.finished.push(finishedPush(now - (72 - hour) * HOUR, { stream: `h${hour}` }));
    }
    let taken = 0;
    const accept = async (entries: JournalEntry[]) => {
      if (taken + entries.length > 30) {
        throw new BreakwatchError('STORE_FAILED', { problem: 'full' });
      }
      taken += entries.length;
      await store.append(entries);
    };
    const stopped = account(simulator, { backfillMs: 3 * DAY, accept });
    await stopped.poll();
    await stopped.poll();
    const half = lastState().backfill as BackfillProgress;
    expect(half).toMatchObject({ from: now - 3 * DAY, to: now - 10 * MINUTE, done: false });
    expect(half.doneUntil).toBeLessThan(half.to);
    expect(half.doneUntil - half.from).toBe(half.remainingMs);

    const again = account(simulator, { backfillMs: 3 * DAY });
    await again.poll();
    expect(lastState().backfill).toMatchObject({
      from: half.from,
      to: half.to,
      doneUntil: half.doneUntil,
    });
    await again.poll();
    const whole = { from: half.from, to: half.to, doneUntil: half.from, done: true };
    expect(lastState().backfill).toMatchObject(whole);
    clock.advance(2 * MINUTE);
    await again.poll();
    // A reread of the last day is planned now; it is not a back-fill.
    expect(lastState().backfill).toMatchObject(whole);
    expect(await ended()).toHaveLength(72);
  });

  it('requests no more than the API keeps', async () => {
    const simulator = await simulate();
    const now = clock.now();
    simulator.world.finished.push(finishedPush(now - 59 * DAY, { stream: 'ago-59' }));
    const poller = account(simulator, { backfillMs: 90 * DAY });
    await poller.poll();
    await poller.poll();
    expect(lastState()).toMatchObject({ error: null, backfill: { done: true } });
    expect(await ended()).toEqual(['ago-59']);
  });

  it('reads no past if back-fill is 0', async () => {
    const simulator = await simulate();
    simulator.world.finished.push(finishedPush(clock.now() - HOUR, { stream: 'old' }));
    simulator.world.finished.push(finishedPush(clock.now() - MINUTE, { stream: 'new' }));
    await account(simulator, { backfillMs: 0 }).poll();
    expect(await ended()).toEqual(['new']);
  });
});

describe('later polls', () => {
  it('pass on new records and late ones', async () => {
    const simulator = await simulate();
    const { finished } = simulator.world;
    finished.push(finishedPush(clock.now() - MINUTE, { stream: 'first' }));
    const poller = account(simulator);
    await poller.poll();
    expect(handed).toBe(1);
    await poller.poll();
    expect(handed).toBe(1);
    clock.advance(10_000);
    finished.unshift(finishedPush(clock.now() - 9 * MINUTE, { stream: 'late' }));
    finished.push(finishedPush(clock.now() - 1_000, { stream: 'second' }));
    await poller.poll();
    expect(await ended()).toEqual(['first', 'late', 'second']);
    expect(handed).toBe(3);
  });

  it('continue after a restart, the present before the gap', async () => {
    const simulator = await simulate();
    const { finished } = simulator.world;
    await account(simulator).poll();
    const state = (await store.getState(`poll:${name}`)) as { cursor: number };
    expect(state.cursor).toBe(clock.now());
    // As though the last poll had been five hours ago.
    await store.setState(`poll:${name}`, { ...state, cursor: clock.now() - 5 * HOUR, pending: [] });
    finished.push(finishedPush(clock.now() - 5 * HOUR - 5 * MINUTE, { stream: 'overlap' }));
    finished.push(finishedPush(clock.now() - 2 * HOUR, { stream: 'gap' }));
    finished.push(finishedPush(clock.now() - 1_000, { stream: 'now' }));
    await account(simulator).poll();
    expect(await ended()).toEqual(['now', 'overlap', 'gap']);
  });

  it('reach further back when back-fill is increased', async () => {
    const simulator = await simulate();
    simulator.world.finished.push(finishedPush(clock.now() - 3 * DAY, { stream: 'ago-3' }));
    await account(simulator, { backfillMs: DAY }).poll();
    expect(await ended()).toEqual([]);
    await account(simulator, { backfillMs: 4 * DAY }).poll();
    expect(await ended()).toEqual(['ago-3']);
  });

  it('read again what the journal failed to store', async () => {
    const simulator = await simulate();
    simulator.world.finished.push(finishedPush(clock.now() - MINUTE, { stream: 'kept' }));
    let isFull = true;
    const poller = account(simulator, {
      accept: async (entries) => {
        if (isFull) {
          throw new BreakwatchError('STORE_FAILED', { problem: 'no space left' });
        }
        await store.append(entries);
      },
    });
    await poller.poll();
    expect(lastState()).toMatchObject({ lastPollAt: null, error: { code: 'STORE_FAILED' } });
    expect(lastState()).not.toHaveProperty('apiState');
    isFull = false;
    await poller.poll();
    expect(lastState()).toMatchObject({ lastPollAt: clock.now(), error: null });
    expect(await ended()).toEqual(['kept']);
  });

  it('report live pushes once a minute', async () => {
    const simulator = await simulate();
    const start = (stream: string) =>
      simulator.world
        .addHost({
          domain: 'push.example.com',
          app: 'live',
          stream,
          clientIp: '203.0.113.7',
          reconnect: 'none',
        })
        .start();
    const live = async () =>
      (await journal()).flatMap((entry) => {
        const arrival = readArrival(entry);
        return arrival.kind === 'start' ? [arrival.push.stream] : [];
      });
    start('one');
    const poller = account(simulator);
    await poller.poll();
    start('two');
    clock.advance(30_000);
    await poller.poll();
    expect(await live()).toEqual(['one']);
    clock.advance(31_000);
    await poller.poll();
    expect(await live()).toEqual(['one', 'two']);
    expect(handed).toBe(2);
  });
});

describe('undocumented behaviour of the API', () => {
  it('finds a long push even if windows list pushes by start', async () => {
    const simulator = await simulate({ windowMatches: 'start' });
    const poller = account(simulator);
    await poller.poll();
    clock.advance(61_000);
    const endedAt = clock.now() - 1_000;
    const startedAt = endedAt - 5 * HOUR;
    simulator.world.finished.push(finishedPush(endedAt, { stream: 'long', startedAt }));
    await poller.poll();
    expect(await ended()).toEqual(['long']);
  });

  it('stops rereading a whole day once a long push shows that windows list pushes by end', async () => {
    const simulator = await simulate({ windowMatches: 'end' });
    const endedAt = clock.now() - 1_000;
    const startedAt = endedAt - 5 * HOUR;
    simulator.world.finished.push(finishedPush(endedAt, { stream: 'long', startedAt }));
    await account(simulator).poll();
    expect(await store.getState(`poll:${name}`)).toMatchObject({ listsByEnd: true });
  });

  it.each(['live', 'all'] as const)(
    'reads every AppName when none asked for means %s',
    async (appNameDefault) => {
      const simulator = await simulate({ appNameDefault });
      simulator.world
        .addHost({
          domain: 'push.example.com',
          app: 'shows',
          stream: 'on-air',
          clientIp: '203.0.113.7',
          reconnect: 'none',
        })
        .start();
      const { finished } = simulator.world;
      finished.push(finishedPush(clock.now() - HOUR, { app: 'shows', stream: 'past' }));
      finished.push(finishedPush(clock.now() - MINUTE, { app: 'shows', stream: 'present' }));
      finished.push(finishedPush(clock.now() - 1_000, { stream: 'plain' }));
      const poller = account(simulator);
      await poller.poll();
      await poller.poll();
      expect((await ended()).sort()).toEqual(['past', 'plain', 'present']);
      expect(handed).toBe(4);
    },
  );

  it('works with a clock that is ahead of the API', async () => {
    const simulator = await simulate();
    simulator.world.finished.push(finishedPush(clock.now() - MINUTE, { stream: 'found' }));
    const poller = account(simulator, { now: () => clock.now() + 20_000 });
    await poller.poll();
    expect(lastState().error?.code).toBe('CSS_BAD_REQUEST');
    await poller.poll();
    await poller.poll();
    expect(lastState().error).toBeNull();
    expect(await ended()).toEqual(['found']);
  });
});

describe('failures', () => {
  it.each([
    [{ faults: { account: 'arrears' } }, 'CSS_ACCOUNT_STOPPED', 'stopped'],
    [{ secretKey: 'another' }, 'CSS_CREDENTIALS', 'credentials'],
    [
      { faults: { apiFailurePercent: 100, apiFailureMode: 'garbage' } },
      'CSS_BAD_ANSWER',
      'unreachable',
    ],
    [
      { faults: { apiFailurePercent: 100, apiFailureMode: 'InternalError' } },
      'CSS_API_ERROR',
      undefined,
    ],
  ] as [Partial<SimulatorOptions>, string, string | undefined][])(
    '%j is reported as %s and %s',
    async (options, code, apiState) => {
      const simulator = await simulate(options);
      await account(simulator).poll();
      expect(lastState().error?.code).toBe(code);
      expect(lastState().apiState).toBe(apiState);
      expect(lastState().lastPollAt).toBeNull();
    },
  );

  it('end when the API works again, and nothing is missed', async () => {
    const simulator = await simulate({ faults: { account: 'arrears' } });
    const poller = account(simulator);
    await poller.poll();
    simulator.world.finished.push(finishedPush(clock.now() - 1_000, { stream: 'meanwhile' }));
    clock.advance(2 * MINUTE);
    simulator.setFaults({ account: 'normal' });
    await poller.poll();
    expect(lastState()).toMatchObject({ error: null, apiState: 'ok' });
    expect(await ended()).toEqual(['meanwhile']);
  });

  it('of some calls do not stop polls of many pages, now and in the past', async () => {
    const faults = { apiFailurePercent: 12, apiFailureMode: 'timeout' } as const;
    const simulator = await simulate({ faults, seed: 7 });
    const now = clock.now();
    const push = (index: number, ago: number) =>
      simulator.world.finished.push(finishedPush(now - ago, { stream: `shop-${index}` }));
    // 20 pages of each: one in a dozen tries would get through all of them.
    for (let index = 0; index < 2_000; index += 1) {
      push(index, 3 * HOUR - index * 1_000);
    }
    for (let index = 2_000; index < 4_000; index += 1) {
      push(index, (4_000 - index) * 270 + 1_000);
    }
    const client = createCssClient({
      account: name,
      ...KEYS,
      site: 'cn',
      endpoint: simulator.url,
      // Long enough for an answer on a busy machine.
      timeoutMs: 300,
      pause: nextChange,
    });
    const poller = account(simulator, { client });
    const isRead = async () => handed >= 4_000 && new Set(await ended()).size === 4_000;
    for (let poll = 0; poll < 150 && !(await isRead()); poll += 1) {
      await poller.poll();
      clock.advance(2_000);
    }
    expect(new Set(await ended()).size).toBe(4_000);
  }, 180_000);

  it('of one record do not hide the others', async () => {
    const good = {
      StreamName: 'good',
      StreamStartTime: '2026-01-01T00:00:00Z',
      StreamEndTime: '2026-01-01T00:01:00Z',
      StopReason: '推流链路网络异常',
    };
    const server = http.createServer((request, response) => {
      const isOnline = request.headers['x-tc-action'] === 'DescribeLiveStreamOnlineList';
      const EventList = [{ StreamName: 'no times' }, good, { StreamName: 7 }];
      const Response = isOnline ? { TotalNum: 0, OnlineInfo: [] } : { TotalNum: 3, EventList };
      response.end(JSON.stringify({ Response }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const options = optionsFor(`http://127.0.0.1:${port}`, { backfillMs: 0 });
      const poller = new PollAccount(options as never, new AbortController().signal);
      await poller.poll();
      expect(await ended()).toEqual(['good']);
      expect(lastState()).toMatchObject({ error: null, unreadable: 2 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('startPoller', () => {
  function start(endpoint: string, part: Partial<PollerOptions> = {}): Poller {
    const poller = startPoller(optionsFor(endpoint, { pollSeconds: 1, now: Date.now, ...part }));
    pollers.push(poller);
    return poller;
  }

  it('polls at once and then repeatedly', async () => {
    const simulator = await startSimulator(KEYS);
    simulators.push(simulator);
    start(simulator.url);
    await vi.waitFor(() => expect(states.length).toBeGreaterThan(0), 20_000);
    simulator.break({
      domain: 'push.example.com',
      app: 'live',
      stream: 'shop-17',
      errcode: 18,
      subErrcode: 501,
    });
    await vi.waitFor(async () => expect(await ended()).toEqual(['shop-17']), 20_000);
  });

  it('does not let an account that hangs delay others, and never overlaps polls', async () => {
    const calls: (string | string[] | undefined)[] = [];
    // It never answers.
    const slow = http.createServer((request) => calls.push(request.headers['x-tc-action']));
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const simulator = await startSimulator(KEYS);
    simulators.push(simulator);
    try {
      const slowStates: PollStatus[] = [];
      start(`http://127.0.0.1:${(slow.address() as AddressInfo).port}`, {
        account: 'slow',
        onStatus: (state) => slowStates.push(state),
      });
      await vi.waitFor(() => expect(calls).toHaveLength(1), 20_000);
      start(simulator.url);
      // A second and a third poll: the slow account's turn has come at least once as well.
      await vi.waitFor(() => expect(states.length).toBeGreaterThan(2), 20_000);
      expect(slowStates).toEqual([]);
      expect(calls).toHaveLength(1);
    } finally {
      slow.closeAllConnections();
      slow.close();
    }
  });

  it('continues when the clock is set back or ahead by an hour', async () => {
    // It goes on as the real one does.
    vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true });
    try {
      const simulator = await startSimulator(KEYS);
      simulators.push(simulator);
      start(simulator.url);
      for (const jump of [0, -HOUR, HOUR]) {
        vi.setSystemTime(Date.now() + jump);
        const before = states.length;
        await expect
          .poll(() => states.length, { timeout: 20_000 })
          .toBeGreaterThan(before + (jump === 0 ? 0 : 1));
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops while a call hangs, and reports nothing after that', async () => {
    const simulator = await startSimulator({
      ...KEYS,
      faults: { apiFailurePercent: 100, apiFailureMode: 'timeout' },
    });
    simulators.push(simulator);
    const poller = start(simulator.url);
    await poller.close();
    expect(states).toEqual([]);
  });

  it('continues when a listener throws', async () => {
    const simulator = await startSimulator(KEYS);
    simulators.push(simulator);
    let calls = 0;
    start(simulator.url, {
      onStatus: () => {
        calls += 1;
        throw new Error('from the listener');
      },
    });
    await vi.waitFor(() => expect(calls).toBeGreaterThan(1), 20_000);
  });
});
