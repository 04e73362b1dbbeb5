import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertOutcome } from '../../../src/alerts/judge/alert-input.ts';
import {
  type IncidentWorker,
  startIncidentWorker,
} from '../../../src/engine/incidents/incident-worker.ts';
import { groupIncidents } from '../../../src/incidents/group-incidents.ts';
import type { AlertInstance } from '../../../src/model/alert.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import { toPlainText } from '../../../src/model/card/render-card.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import type { Push } from '../../../src/model/push.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, cut, livePush, many, refused, unpaid } from '../../incidents/story.ts';

const ALERT = { window: '5m', threshold: 1, groupBy: ['account' as const] };
const CONTEXT = {
  pushesSince: { default: 0 },
  accounts: [],
  alerts: { 'billing/arrears': ALERT, 'auth/url-expired': ALERT, 'network/link-lost': ALERT },
  mute: NO_MUTE_INTERVALS,
};

function textOf(alert: AlertInstance | undefined): string {
  return toPlainText(alert?.card ?? [], { language: 'en' });
}

/** The keeper's clock goes on meanwhile. */
function withoutLost(kept: StoredIncident | undefined) {
  return { ...kept, lostMs: 0, display: { ...kept?.display, countedAt: 0 } };
}

describe('startIncidentWorker', () => {
  let temporary: TemporaryStore;
  let incidentWorker: IncidentWorker;
  let clock: number;
  let notified: AlertOutcome['notices'];
  const errors: string[] = [];

  const open = () => {
    incidentWorker = startIncidentWorker({
      store: temporary.store.share,
      accept: async ({ notices }) => {
        notified.push(...notices);
      },
      onError: (error) => errors.push(error.message),
      now: () => clock,
    });
    incidentWorker.know(CONTEXT);
  };
  /** As the engine does: stored first, then told. */
  const bring = async (records: BreakRecord[], pushes: Push[] = []) => {
    const { store } = temporary;
    await store.commit({ breaks: records, removed: [], pushes, cursor: await store.cursor() });
    incidentWorker.take({ records, removed: [], pushes });
  };
  const kept = async (): Promise<StoredIncident[]> => {
    await incidentWorker.idle();
    const found = await temporary.store.findDocuments({ kind: 'incident', limit: 1_000 });
    return found.map(({ body }) => body as StoredIncident).reverse();
  };

  beforeEach(async () => {
    temporary = await openTemporaryStore();
    clock = at(60);
    notified = [];
    errors.length = 0;
    open();
  });
  afterEach(async () => {
    await incidentWorker.close();
    await temporary.remove();
    expect(errors).toEqual([]);
  });

  it('keeps a storm as one incident, pages once, and closes it when all is over', async () => {
    const live = many(40, (index) => livePush(`room-${index}`, -3_600));
    await bring(
      [],
      [...live, ...many(40, (index) => livePush(`quiet-${index}`, -3_600, 'b.example.com'))],
    );
    await bring(many(30, (index) => unpaid({ stream: `room-${index}`, at: 30 + index / 2 })));
    const [storm, ...others] = await kept();
    expect(others).toEqual([]);
    expect(storm).toMatchObject({
      state: 'open',
      scope: { kind: 'account', value: 'default' },
      streams: 30,
      streamsDown: 30,
      liveBefore: 80,
      breaks: 30,
      cause: { reason: 'arrears', rule: { id: 'billing/arrears' } },
      mergedInto: null,
    });
    clock = at(90);
    await incidentWorker.idle();
    expect(notified.map(({ kind }) => kind)).toEqual(['page']);
    expect(textOf(notified[0]?.alert)).toContain('30 of 80 live pushes');

    await bring(
      many(30, (index) =>
        unpaid({ stream: `room-${index}`, at: 30 + index / 2, back: 100 + index }),
      ),
    );
    clock = at(140);
    expect((await kept())[0]).toMatchObject({ state: 'recovered', id: storm?.id, streamsDown: 0 });
    clock = at(140 + 600);
    expect((await kept())[0]).toMatchObject({ state: 'resolved', id: storm?.id });
    clock = at(140 + 1_800);
    await incidentWorker.idle();
    expect(notified.map(({ kind }) => kind)).toEqual(['page', 'resolve']);
    expect(incidentWorker.alerts()).toMatchObject([
      { id: `incident:${storm?.id}`, state: 'resolved' },
    ]);
  });

  it('finds the same incidents after a restart, under the same ids', async () => {
    await bring(many(12, (index) => unpaid({ stream: `room-${index}`, at: index })));
    await bring([cut({ stream: 'shop-17', at: 20, domain: 'b.example.com' })]);
    const before = await kept();
    expect(before).toHaveLength(2);
    await incidentWorker.close();
    // What the next one was never told of, as it came while none ran.
    await temporary.insert(refused({ stream: 'shop-17', at: 40, domain: 'b.example.com' }));
    open();
    const after = await kept();
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(withoutLost(after[0])).toEqual(withoutLost(before[0]));
    expect(after[1]).toMatchObject({ breaks: 2, cause: { reason: 'expiry_passed' } });
  });

  it('keeps an id when an earlier break turns up late, and points from what was merged', async () => {
    const failing = (where: { stream: string; at: number; domain?: string }) =>
      cut({
        ...where,
        node: `node of ${where.stream}`,
        wish: {
          rule: 'platform/internal-error',
          verdict: { category: 'platform', reason: 'platform_internal', retry: '30s' },
        },
      });
    await bring([
      failing({ stream: 'room-1', at: 30 }),
      failing({ stream: 'room-9', at: 5, domain: 'b.example.com' }),
    ]);
    const [first, second] = await kept();
    await bring([
      failing({ stream: 'room-2', at: 29 }),
      ...many(20, (index) => failing({ stream: `room-${20 + index}`, at: 31 })),
      ...many(20, (index) =>
        failing({ stream: `room-${50 + index}`, at: 31, domain: 'b.example.com' }),
      ),
    ]);
    const all = await kept();
    const [whole] = all.filter(({ state }) => state === 'open');
    const merged = all.filter(({ state }) => state === 'gone');
    expect(whole).toMatchObject({ id: first?.id, scope: { kind: 'account' }, streams: 43 });
    expect(merged).toMatchObject([{ id: second?.id, mergedInto: first?.id, streamsDown: 0 }]);
  });

  it('lays aside what is over, and still says what grouping everything says', async () => {
    const loop = many(20, (index) => refused({ stream: 'looping', at: index * 900 }));
    const storms = many(6, (hour) =>
      many(10, (index) =>
        unpaid({
          stream: `room-${index}`,
          at: hour * 2_400 + 100 + index,
          since: (hour - 1) * 2_400 + 400 + index,
          back: hour * 2_400 + 400 + index,
          domain: 'b.example.com',
        }),
      ),
    );
    const all = [...loop, ...storms.flat()];
    const seen = new Set<string>();
    for (let time = 0; time <= 6 * 2_400; time += 600) {
      clock = at(time + 60);
      const due = all.filter(({ event }) => event.endedAt <= clock && !seen.has(event.id));
      for (const { event } of due) {
        seen.add(event.id);
      }
      await bring(due);
      await incidentWorker.idle();
    }
    const whole = groupIncidents({ records: all, pushes: [], now: clock });
    const found = await kept();
    expect(found.map(({ id, state, streams }) => [id, state, streams])).toEqual(
      whole.map(({ id, state, streams }) => [id, state, streams]),
    );
    await incidentWorker.close();
    open();
    expect((await kept()).map(withoutLost)).toEqual(found.map(withoutLost));
  });

  it('forgets what never was, and what lies in the future waits', async () => {
    const wrong = unpaid({ stream: 'room-1', at: 30 });
    await bring([wrong]);
    expect(await kept()).toMatchObject([{ state: 'open' }]);
    incidentWorker.take({ records: [], removed: [wrong.event.id], pushes: [] });
    expect(await kept()).toMatchObject([{ state: 'gone', mergedInto: null }]);
    await bring([unpaid({ stream: 'room-2', at: 60 + 300 })]);
    expect(await kept()).toHaveLength(1);
    clock = at(361);
    expect(await kept()).toMatchObject([{ state: 'gone' }, { state: 'open', startedAt: at(360) }]);
  });

  it('keeps quiet what lies in maintenance, and says so on the card', async () => {
    const maintenance = {
      kind: 'maintenance' as const,
      name: 'domain move',
      where: { domain: ['a.*'] },
      when: { from: at(-60), to: at(600) },
    };
    incidentWorker.know({ ...CONTEXT, mute: { ...NO_MUTE_INTERVALS, entries: [maintenance] } });
    await bring([refused({ stream: 'shop', at: 50 })]);
    await incidentWorker.idle();
    clock = at(120);
    await incidentWorker.idle();
    const [alert] = incidentWorker.alerts();
    expect(alert).toMatchObject({ state: 'firing', mutedBy: 'domain move' });
    expect(textOf(alert)).toContain('notifications muted: domain move');
    expect(notified).toEqual([]);
    clock = at(600);
    incidentWorker.know(CONTEXT);
    await incidentWorker.idle();
    expect(notified.map(({ kind }) => kind)).toEqual(['page']);
  });

  it('warns of live pushes whose next reconnect would fail', async () => {
    const always = { days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 0, timeZone: 'UTC' };
    const context = { ...CONTEXT, mute: { entries: [], forewarnings: always } };
    incidentWorker.know(context);
    await bring(
      [],
      [
        { ...livePush('shop', -3_600), txTime: at(20 * 60) },
        { ...livePush('news', -3_600), txTime: at(40 * 60) },
        livePush('untold', -3_600),
      ],
    );
    await incidentWorker.idle();
    expect(notified.map(({ alert }) => [alert.kind, alert.values.streams])).toEqual([
      ['forewarning', 1],
    ]);
    expect(textOf(notified[0]?.alert)).toMatch(
      /^The next reconnect would fail: 1 live push on a\.example\.com\nWhy: .*live\/shop/,
    );
    clock = at(15 * 60);
    incidentWorker.know(context);
    await incidentWorker.idle();
    expect(incidentWorker.alerts()).toMatchObject([{ state: 'firing', values: { streams: 2 } }]);
  });
});
