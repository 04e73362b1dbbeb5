import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onlineEntries } from '../../src/css/api/api-entry.ts';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../src/engine/create-engine.ts';
import type { EngineHooks } from '../../src/engine/engine.ts';
import { arrivalTimes } from '../../src/engine/retention.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { finishedPush } from '../helpers/finished-push.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { makeRecord } from '../store/make-record.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Early on a UTC day. With seven days, everything since the start of the day a week before is kept. */
const START = Math.floor(Date.now() / DAY) * DAY + 2 * HOUR;
const KEPT_FROM = START - 2 * HOUR - 7 * DAY;

const { ruleSet } = await loadRules([shippedRulesFolder()]);

describe('an engine that keeps seven days', () => {
  let temporary: TemporaryStore;
  let engine: StartableEngine;
  let now: number;
  let counted: [what: string, ...details: unknown[]][];
  let news: string[];

  beforeEach(async () => {
    temporary = await openTemporaryStore();
    now = START;
    counted = [];
    news = [];
  });

  afterEach(async () => {
    await engine.close();
    await temporary.remove();
  });

  async function open(change: { keepDays?: number; endpoint?: string } = {}): Promise<void> {
    const { endpoint, keepDays = 7 } = change;
    const hooks: Partial<EngineHooks> = {
      purged: (taken) => counted.push(['purged', taken]),
      tooOld: (...details) => counted.push(['tooOld', ...details]),
      inFuture: (...details) => counted.push(['inFuture', ...details]),
    };
    engine = await createEngine({
      store: temporary.store,
      rules: ruleSet,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          callbackKeys: [CALLBACK_KEY],
          pushKeys: [],
          backfillMs: 30 * DAY,
          pollSeconds: 1,
          ...(endpoint ? { endpoint, credentials: { secretId: 'id', secretKey: 'key' } } : {}),
        },
      ],
      version: '1.2.3',
      keepDays,
      hooks,
      onPurge: (message) => news.push(message),
      now: () => now,
    });
  }

  const eventsOf = async () => {
    const range = { from: 0, to: START + DAY };
    const { records } = await engine.breaks({ range, filters: {}, limit: 1_000 });
    return records.map(({ event }) => event);
  };
  const infoOf = (endedAt: number, stream = 'shop-1') => ({
    DomainName: 'push.example.com',
    AppName: 'live',
    StreamName: stream,
    StreamStartTime: new Date(endedAt - HOUR).toISOString(),
    StreamEndTime: new Date(endedAt).toISOString(),
    StopReason: 'client disconnect',
  });

  it('rejects older records on import and says why', async () => {
    await open();
    const { accepted, rejected } = await engine.importRecords('default', [
      infoOf(KEPT_FROM - 1_000),
      infoOf(KEPT_FROM),
      signedCallback({ at: KEPT_FROM - 1_000, change: { event_type: 1 } }),
    ]);
    expect(accepted).toBe(1);
    expect(rejected.map(({ index, error }) => [index, error.code])).toEqual([
      [0, 'EVENT_TOO_OLD'],
      [2, 'EVENT_TOO_OLD'],
    ]);
    expect(rejected[0]?.error.message).toContain(new Date(KEPT_FROM).toISOString());
    expect(counted).toEqual([
      ['tooOld', 'default', 'api', 1],
      ['tooOld', 'default', 'callback', 1],
    ]);
    expect((await eventsOf()).map(({ endedAt }) => endedAt)).toEqual([KEPT_FROM]);
    expect((await engine.health()).retention).toMatchObject({
      keepDays: 7,
      keptFrom: KEPT_FROM,
      oldest: KEPT_FROM,
      refused: 2,
    });
  });

  it('acknowledges a callback that is too old, but does not store it', async () => {
    await open();
    const t = Math.floor(START / 1_000) + 600;
    const body = signedCallback({ at: KEPT_FROM - 1_000, change: { t } });
    expect(await engine.acceptCallback('default', body, now)).toEqual({
      duplicate: true,
      eventType: 0,
    });
    expect((await temporary.store.counts()).journal).toBe(0);
    expect(counted).toEqual([['tooOld', 'default', 'callback', 1]]);
  });

  it('reads no further back from the API than the retention, and passes on nothing older', async () => {
    const simulator = await startSimulator({ secretId: 'id', secretKey: 'key' });
    try {
      now = Date.now();
      const keptFrom = Math.floor((now - 7 * DAY) / DAY) * DAY;
      simulator.world.finished.push(finishedPush(keptFrom - HOUR));
      simulator.world.finished.push(finishedPush(now - 6 * DAY));
      await open({ endpoint: simulator.url });
      engine.startPolling();
      await expect
        .poll(async () => (await engine.health()).accounts[0]?.backfill?.done, { timeout: 30_000 })
        .toBe(true);
      const { backfill } = (await engine.health()).accounts[0] ?? {};
      expect(backfill?.from).toBeGreaterThanOrEqual(now - 7 * DAY - HOUR);
      expect((await temporary.store.counts()).journal).toBe(1);
    } finally {
      await engine.close();
      await simulator.stop();
    }
  });

  it('deletes data that became too old, and does not accept it again', async () => {
    await open();
    const moments = [KEPT_FROM, KEPT_FROM + 2 * DAY, START];
    const records = moments.map((endedAt, i) => infoOf(endedAt, `shop-${i}`));
    await engine.importRecords('default', records);
    await engine.purge();
    expect(news).toEqual([]);
    now += 2 * DAY;
    await engine.purge();
    const left = [moments[2], moments[1]];
    expect((await eventsOf()).map(({ endedAt }) => endedAt)).toEqual(left);
    // The entry arrived today, but its event is rejected when it arrives again.
    const again = await engine.importRecords('default', records);
    expect(again).toMatchObject({ accepted: 0, duplicates: 2, rejected: [{ index: 0 }] });
    expect((await eventsOf()).map(({ endedAt }) => endedAt)).toEqual(left);

    now += 9 * DAY;
    await engine.importRecords('default', [infoOf(now)]);
    // By then the incident worker has closed the incidents.
    await engine.settled();
    await engine.purge();
    expect((await temporary.store.counts()).journal).toBe(1);
    const health = (await engine.health()).retention;
    expect(health).toMatchObject({ running: false, purgedAt: now, error: null, refused: 1 });
    expect(health?.purged).toMatchObject({ breaks: 3, journal: 3 });
    expect(news.some((line) => line.includes('BREAKWATCH_KEEP_DAYS'))).toBe(true);
    const never = await engine.importRecords('default', records);
    expect(never).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(await eventsOf()).toEqual([]);
  });

  it('does not trust a clock that jumped years ahead', async () => {
    await open();
    const { accepted } = await engine.importRecords('default', [infoOf(START)]);
    expect(accepted).toBe(1);
    await engine.settled();
    now += 3_000 * DAY;
    await engine.purge();
    expect(await eventsOf()).toHaveLength(1);
    now = START + HOUR;
    const later = await engine.importRecords('default', [infoOf(START + HOUR)]);
    expect(later).toMatchObject({ accepted: 1, rejected: [] });
  });

  it('rejects events more than a day in the future, from every source', async () => {
    await open();
    const t = Math.floor(START / 1_000) + 600;
    const from2099 = Date.UTC(2099, 0, 1);
    for (const event_type of [0, 1]) {
      const body = signedCallback({ at: from2099, change: { t, event_type } });
      await expect(engine.acceptCallback('default', body, now)).rejects.toMatchObject({
        code: 'EVENT_IN_FUTURE',
        status: 400,
      });
    }
    const { accepted, rejected } = await engine.importRecords('default', [
      infoOf(START + DAY),
      infoOf(START + DAY + 1_000),
      signedCallback({ at: START + DAY + 1_000, change: { event_type: 1 } }),
    ]);
    expect(accepted).toBe(1);
    expect(rejected.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'EVENT_IN_FUTURE'],
      [2, 'EVENT_IN_FUTURE'],
    ]);
    expect(counted.map(([what, , source]) => [what, source])).toEqual([
      ['inFuture', 'callback'],
      ['inFuture', 'callback'],
      ['inFuture', 'api'],
      ['inFuture', 'callback'],
    ]);
    expect((await engine.health()).retention).toMatchObject({ refused: 0, inFuture: 4 });
    expect((await temporary.store.counts()).journal).toBe(1);
  });

  it.each([1, 150])('does not believe %i stored breaks from the future', async (count) => {
    await open();
    await engine.importRecords('default', [infoOf(START)]);
    await engine.settled();
    const sources = [{ source: 'callback' as const, key: 'k', receivedAt: START }];
    await temporary.insert(
      ...Array.from({ length: count }, (_none, i) =>
        makeRecord({ id: `future ${i}`, endedAt: Date.UTC(2099, 0, 1 + i), sources }),
      ),
    );
    now += 500 * DAY;
    await engine.purge();
    expect((await eventsOf()).map(({ endedAt }) => endedAt)).toEqual([START]);
  });

  it('deletes nothing when every break is from the future', async () => {
    await open();
    const sources = [{ source: 'callback' as const, key: 'k', receivedAt: START }];
    await temporary.insert(makeRecord({ id: 'x', endedAt: START + 10 * DAY, sources }));
    now += 500 * DAY;
    await engine.purge();
    expect((await temporary.store.counts()).breaks).toBe(1);
  });

  it('keeps the breaks of an open incident, for a month longer at most', async () => {
    await open();
    const at = KEPT_FROM - 3 * DAY;
    const document = { kind: 'incident', account: 'default', at, body: {} };
    await temporary.insert(
      makeRecord({ id: 'before', endedAt: at - HOUR }),
      makeRecord({ id: 'in it', endedAt: at }),
      makeRecord({ id: 'of others', endedAt: at, account: 'other' }),
      makeRecord({ id: 'long before', endedAt: KEPT_FROM - 31 * DAY }),
      makeRecord({ id: 'of today', endedAt: START }),
    );
    await temporary.store.putDocuments([
      { ...document, id: 'inc-1', open: true },
      { ...document, id: 'inc-2', open: true, at: KEPT_FROM - 40 * DAY, account: 'third' },
    ]);
    await engine.purge();
    expect((await eventsOf()).map(({ id }) => id)).toEqual(['of today', 'in it']);
    await temporary.store.putDocuments([{ ...document, id: 'inc-1', open: false }]);
    await engine.purge();
    expect((await eventsOf()).map(({ id }) => id)).toEqual(['of today']);
    const incidents = await temporary.store.findDocuments({ kind: 'incident', limit: 9 });
    // The incident worker may have stored the incident of today's break by now, or not yet.
    const stored = incidents.map(({ id }) => id).filter((id) => id !== 'inc-of today');
    expect(stored).toEqual(['inc-2']);
  });

  it('keeps everything with 0 days', async () => {
    await open({ keepDays: 0 });
    const { accepted } = await engine.importRecords('default', [infoOf(START - 5_000 * DAY)]);
    expect(accepted).toBe(1);
    await engine.purge();
    expect(await eventsOf()).toHaveLength(1);
    expect((await engine.health()).retention).toMatchObject({ keepDays: 0, keptFrom: null });
  });
});

it('the start of a live push does not count for retention', () => {
  const online = { domain: 'd', app: 'a', stream: 's', publishedAt: [0] };
  const [entry] = onlineEntries('default', online, START);
  expect(entry && arrivalTimes(entry).happenedAt).toBeNull();
});
