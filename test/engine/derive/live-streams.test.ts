import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import type { Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { deriveEntries } from '../../../src/engine/derive/derive-entries.ts';
import { LiveStreams } from '../../../src/engine/derive/live-streams.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import { loadShippedDiagnoser } from '../../helpers/shipped-diagnoser.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

const NOON = Date.UTC(2026, 2, 1, 12);

interface Message {
  stream: string;
  /** Seconds after noon. */
  at: number;
  /** Seconds that the push had been live; absent for the begin of a push. */
  liveS?: number;
  errcode?: number;
  app?: string;
  node?: string;
}

let diagnoser: Diagnoser;
let temporary: TemporaryStore;
let accounts = 0;

beforeAll(async () => {
  diagnoser = await loadShippedDiagnoser();
  temporary = await openTemporaryStore();
});

afterAll(() => temporary.remove());

/** A server with an account of its own. */
function startServer() {
  accounts += 1;
  const own = accounts;
  const account = `account-${own}`;
  const { store } = temporary;
  let live = new LiveStreams(store);
  return {
    restart() {
      live = new LiveStreams(store);
    },
    /** @returns the last break */
    async take(...messages: Message[]): Promise<BreakRecord> {
      await store.append(
        messages.map(({ stream, at, liveS, errcode = 12, app = 'live', node = '1' }) => {
          const isEnd = liveS !== undefined;
          const body = {
            event_type: isEnd ? 0 : 1,
            app: 'push.example.com',
            appname: app,
            stream_id: stream,
            sequence: `${stream}-${at - (liveS ?? 0)}`,
            node: `192.0.${own}.${node}`,
            user_ip: `198.51.${own}.${(at % 200) + 1}`,
            event_time: NOON / 1_000 + at,
            errcode: isEnd ? errcode : 0,
            errmsg: isEnd ? 'broken' : 'ok',
            ...(isEnd && { push_duration: String(liveS * 1_000) }),
          };
          return callbackEntry(account, parseCallback(body), NOON + at * 1_000 + 500, []);
        }),
      );
      const entries = await store.journal(await store.cursor(), 500);
      const batch = await deriveEntries(entries, { store, diagnoser, live, apiState: () => 'ok' });
      await store.commit(batch);
      return batch.breaks.at(-1) as BreakRecord;
    },
  };
}

const begins = (count: number, part: Partial<Message> = {}): Message[] =>
  Array.from({ length: count }, (_unused, index) => ({ stream: `s${index}`, at: 0, ...part }));

describe('facts about live streams', () => {
  it('count live streams by scope, and the part that broke for the same reason', async () => {
    const server = startServer();
    await server.take(
      ...begins(30),
      { stream: 'other-app', at: 0, app: 'show' },
      { stream: 'other-node', at: 0, node: '2' },
    );
    await server.take({ stream: 's0', at: 600, liveS: 600 });
    const { event } = await server.take({ stream: 's1', at: 660, liveS: 660 });
    expect(event.facts).toMatchObject({
      liveOfAccount5m: 32,
      liveOfDomain5m: 32,
      liveOfApp5m: 31,
      liveOfNode5m: 31,
      shareOfAccount5m: 6.3,
      shareOfDomain5m: 6.3,
      shareOfApp5m: 6.5,
      shareOfNode5m: 6.5,
      linkCutShareOfNode5m: 6.5,
    });
  });

  it('count what ended within five minutes, and not what ended before', async () => {
    const server = startServer();
    await server.take(...begins(10));
    await server.take({ stream: 's0', at: 100, liveS: 100, errcode: 1 });
    const soon = await server.take({ stream: 's1', at: 390, liveS: 390 });
    expect(soon.event.facts.liveOfDomain5m).toBe(10);
    const later = await server.take({ stream: 's2', at: 500, liveS: 500 });
    expect(later.event.facts.liveOfDomain5m).toBe(9);
  });

  it('count a stream that broke and came back once', async () => {
    const server = startServer();
    await server.take(...begins(10));
    await server.take({ stream: 's0', at: 100, liveS: 100 }, { stream: 's0', at: 103 });
    const { event } = await server.take({ stream: 's0', at: 150, liveS: 47 });
    expect(event.facts).toMatchObject({ liveOfDomain5m: 10, shareOfDomain5m: 10 });
  });

  it('compare refusals with pushes that started, as live ones are not checked again', async () => {
    const server = startServer();
    await server.take(...begins(30), ...begins(3, { at: 900, app: 'new' }));
    await server.take({ stream: 's0', at: 905, liveS: 905, errcode: 1 });
    const { event } = await server.take({ stream: 'x', at: 910, liveS: 0, errcode: 18 });
    expect(event.facts).toMatchObject({ liveOfDomain5m: 33, shareOfDomain5m: 25 });
  });

  it('are absent where starts of pushes are not known', async () => {
    const server = startServer();
    await server.take(...begins(2));
    for (let index = 0; index < 10; index += 1) {
      await server.take({ stream: `unknown-${index}`, at: 300 + index, liveS: 900 });
    }
    const { event } = await server.take({ stream: 's1', at: 320, liveS: 320 });
    expect(
      Object.keys(event.facts).filter((name) => /^(?:live|share|linkCutShare)/.test(name)),
    ).toEqual([]);
  });

  it('are absent for a break that is told much later than others', async () => {
    const server = startServer();
    await server.take(...begins(10));
    await server.take({ stream: 's0', at: 3_600, liveS: 3_600 });
    const { event } = await server.take({ stream: 's1', at: 600, liveS: 600 });
    expect(event.facts).not.toHaveProperty('liveOfDomain5m');
  });

  it('are known after a restart, but for nodes until begins tell them', async () => {
    const server = startServer();
    await server.take(...begins(10));
    server.restart();
    const { event } = await server.take({ stream: 's0', at: 600, liveS: 600 });
    expect(event.facts).toMatchObject({ liveOfDomain5m: 10, shareOfDomain5m: 10 });
    expect(event.facts).not.toHaveProperty('liveOfNode5m');
    expect(event.facts).not.toHaveProperty('linkCutShareOfNode5m');
  });

  it('leave out the part where more streams may have broken than were counted', async () => {
    const server = startServer();
    await server.take(...begins(200));
    for (let index = 0; index < 70; index += 1) {
      await server.take({ stream: `s${index}`, at: 600 + index, liveS: 600 + index });
    }
    const { event } = await server.take({ stream: 's100', at: 671, liveS: 671 });
    expect(event.facts).toMatchObject({ liveOfDomain5m: 200, liveOfNode5m: 200 });
    expect(event.facts).not.toHaveProperty('shareOfDomain5m');
    expect(event.facts).not.toHaveProperty('shareOfNode5m');
    expect(event.facts).not.toHaveProperty('linkCutShareOfNode5m');
  });
});

describe('rules about wide faults', () => {
  /** Six link cuts of a node with this many streams, one every ten seconds. */
  async function cutSix(streams: number): Promise<string> {
    const server = startServer();
    await server.take(...begins(streams));
    for (let index = 0; index < 6; index += 1) {
      await server.take({ stream: `s${index}`, at: 600 + 10 * index, liveS: 600 + 10 * index });
    }
    const last = await server.take({ stream: 's6', at: 660, liveS: 660 });
    return last.verdict.rule.id;
  }

  it('hold that a small node has failed, but not one where as many of hundreds break', async () => {
    expect(await cutSix(20)).toBe('network/node-wide-cut');
    expect(await cutSix(300)).toBe('network/link-error');
  });
});
