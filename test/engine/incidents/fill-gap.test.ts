import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../../bench/diagnosis/random.ts';
import { fillGap } from '../../../src/engine/incidents/fill-gap.ts';
import { documentOfIncident } from '../../../src/engine/incidents/incident-book.ts';
import { IncidentThread } from '../../../src/engine/incidents/incident-thread.ts';
import { startIncidentWorker } from '../../../src/engine/incidents/incident-worker.ts';
import { findLateBreaks } from '../../../src/engine/late-breaks.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import { answerIncidents } from '../../../src/queries/incidents/incidents.ts';
import { STORED_RANGE, type StoredRange } from '../../../src/queries/incidents/stored-range.ts';
import { openThreadStore } from '../../../src/store/open-thread-store.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, cut, many, refused, unpaid } from '../../incidents/story.ts';

const CONTEXT = { pushesSince: { default: 0 }, accounts: [], alerts: {}, mute: NO_MUTE_INTERVALS };
const MINUTE = 60;

let temporary: TemporaryStore;

beforeEach(async () => {
  temporary = await openTemporaryStore();
});
afterEach(async () => {
  await temporary.remove();
});

/** Brings breaks to an incident worker, a few at a time, each at its moment in seconds after noon. */
async function bring(batches: readonly { at: number; records: BreakRecord[] }[]): Promise<void> {
  let clock = at(-24 * 3_600);
  const worker = startIncidentWorker({
    store: temporary.store.share,
    onError: ({ message }) => {
      throw new Error(message);
    },
    now: () => clock,
  });
  worker.know(CONTEXT);
  await worker.idle();
  for (const { at: moment, records } of batches) {
    clock = at(moment);
    await temporary.insert(...records);
    const added = records.map(({ event }) => event.id);
    worker.take({ records, removed: [], pushes: [], late: findLateBreaks(records, added, clock) });
    await worker.idle();
  }
  await worker.close();
}

async function storedRange(): Promise<StoredRange> {
  return (await temporary.store.getState(STORED_RANGE)) as StoredRange;
}

async function incidents(): Promise<StoredIncident[]> {
  const found = await temporary.store.findDocuments({ kind: 'incident', limit: 999 });
  return found.map(({ body }) => body as StoredIncident);
}

// Not the id: what was one incident and is several now had one id for all, and has an own id for each when filled.
const COLUMNS = [
  'time',
  'timeEnd',
  'state',
  'scope',
  'severity',
  'cause',
  'streams',
  'streamsDown',
];
const MORE = ['breaks', 'lostMinutes', 'firstCause', 'rule'];

/** What a query shows of the incidents of some hours, in no order: two may begin at one moment. */
async function shown(from: number, to: number): Promise<unknown> {
  const [frame] = await answerIncidents(
    { refId: 'A', queryType: 'incidents', columns: [...COLUMNS, ...MORE] },
    { from: NOON + from * HOUR, to: NOON + to * HOUR },
    { ...queryContext(temporary.store), now: () => NOON + HOUR, pushesSince: () => 0 },
  );
  const fields = frame?.fields ?? [];
  const rows = fields[0]?.values.map((_, place) =>
    JSON.stringify(fields.map(({ name, values }) => name !== 'id' && values[place])),
  );
  return rows?.sort();
}

/** Fills all gaps, and says what was left. */
async function fill(now: number): Promise<string[]> {
  const store = openThreadStore(temporary.store.share);
  const { gaps, ...rest } = await storedRange();
  const left: string[] = [];
  for (const gap of gaps) {
    const sources = { store, pushesSince: () => 0, isHeld: () => false, now };
    const filled = await fillGap(gap, sources);
    if ('left' in filled) {
      left.push(filled.left);
    } else {
      await store.putDocuments(filled.changed.map(documentOfIncident));
    }
  }
  await store.setState(STORED_RANGE, { ...rest, gaps: left.length > 0 ? gaps : [] });
  await store.close();
  return left;
}

describe('the incidents of a gap', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are those that grouping finds (%i)', async (seed) => {
    const random = createRandom(seed);
    const inTime: { at: number; records: BreakRecord[] }[] = [];
    const late: BreakRecord[] = [];
    /** When streams were live again. */
    const backAt = new Map<string, number>();
    // Three hours of storms and single breaks, of which a part is reported hours later.
    for (let begun = -5 * 3_600; begun < -2 * 3_600; begun += random.int(30, 600)) {
      const make = random.pick([cut, refused, unpaid]);
      const size = random.pick([1, 1, 2, 9]);
      const where: { node?: string; domain?: string } = random.pick([
        { node: '192.0.2.1' },
        { domain: 'b.example.com' },
        {},
      ]);
      const records = many(size, (index) => {
        const stream = `room-${random.int(0, 4)}-${index}`;
        const key = `${where.domain} ${stream}`;
        const moment = Math.max(
          begun + random.int(0, 20),
          (backAt.get(key) ?? Number.NEGATIVE_INFINITY) + 5,
        );
        const since = backAt.get(key) ?? moment - random.int(60, 900);
        const back = moment + random.int(5, 900);
        backAt.set(key, back);
        return make({ stream, at: moment, since, back, ...where });
      });
      const isLate = random.pick([true, false]);
      if (isLate) {
        late.push(...records);
      } else {
        inTime.push({ at: begun + 30, records });
      }
    }
    await bring([...inTime, { at: 0, records: late }]);
    expect((await storedRange()).gaps).not.toEqual([]);
    // Stored incidents are as they are now, so the ranges end now.
    const ranges = [[-6, 1] as const, [-4.5, 1] as const, [-3, 1] as const, [-2, 1] as const];
    const grouped = await Promise.all(ranges.map(([from, to]) => shown(from, to)));

    expect(await fill(at(0))).toEqual([]);
    expect((await storedRange()).gaps).toEqual([]);
    const stored = await Promise.all(ranges.map(([from, to]) => shown(from, to)));
    expect(stored).toEqual(grouped);
    const all = (await incidents()).filter(({ state }) => state !== 'gone');
    expect(all.some(({ streams }) => streams > 1)).toBe(true);
    expect(all).toHaveLength((grouped[0] as unknown[]).length);
  });

  it('keep the id by which people know them, and point from one that became part of another', async () => {
    const one = (stream: string, moment: number) =>
      unpaid({ stream, at: moment, since: moment - 600, back: moment + 600 });
    const batch = [one('a', -3 * 3_600), one('b', -3 * 3_600 + 1), one('c', -3 * 3_600 + 2)];
    const later = one('d', -3 * 3_600 + 290);
    const between = [one('e', -3 * 3_600 + 100), one('f', -3 * 3_600 + 200)];
    await bring([
      { at: -3 * 3_600 + 10, records: batch },
      { at: -3 * 3_600 + 300, records: [later] },
      { at: 0, records: between },
    ]);
    const before = await incidents();
    const [first] = before.sort((a, b) => a.startedAt - b.startedAt);
    await fill(at(0));
    const after = await incidents();
    expect(after.find(({ id }) => id === first?.id)).toMatchObject({
      state: 'resolved',
      streams: 6,
    });
    expect(after.filter(({ state }) => state !== 'gone')).toHaveLength(1);
    for (const other of after.filter(({ state }) => state === 'gone')) {
      expect(other.mergedInto).toBe(first?.id);
    }
  });

  it('wait for what is not over, and what the thread holds stays as it is', async () => {
    const down = refused({ stream: 'down', at: -2 * 3_600 });
    await bring([{ at: 0, records: [refused({ stream: 'late', at: -1_000, back: -900 }), down] }]);
    const [gap] = (await storedRange()).gaps;
    const held = `inc-${down.event.id}`;
    const store = openThreadStore(temporary.store.share);
    const sources = { store, pushesSince: () => 0, now: at(0) };
    expect(gap).toBeDefined();
    const options = gap as NonNullable<typeof gap>;
    expect(await fillGap(options, { ...sources, isHeld: () => false })).toEqual({ left: 'later' });
    const filled = await fillGap(options, { ...sources, isHeld: (id) => id === held });
    await store.close();
    expect(filled).toMatchObject({ changed: [{ display: {}, state: 'resolved' }] });
  });
});

it('is filled by the thread when no more late breaks come', async () => {
  const late = [refused({ stream: 'a', at: -90 * MINUTE, back: -80 * MINUTE })];
  await temporary.insert(refused({ stream: 'b', at: -MINUTE }));
  const store = openThreadStore(temporary.store.share);
  const thread = new IncidentThread(
    store,
    { call: async () => undefined as never, notify: () => undefined },
    200,
  );
  await temporary.store.setState(STORED_RANGE, { since: 0, groupedAt: at(0), gaps: [] });
  thread.operations.begin({ context: CONTEXT, number: 0, now: at(0) });
  await expect.poll(async () => (await incidents()).length).toBe(1);
  await temporary.insert(...late);
  const ids = late.map(({ event }) => event.id);
  const found = findLateBreaks(late, ids, at(0));
  // The break itself does not come: it is as if the thread had forgotten its time.
  const batch = { number: 1, records: [], removed: [], pushes: [], late: found };
  thread.operations.takeBatch(batch, at(0));
  await expect.poll(async () => (await storedRange()).gaps.length).toBe(1);
  await expect.poll(async () => (await storedRange()).gaps.length, { timeout: 20_000 }).toBe(0);
  expect((await incidents()).map(({ id }) => id)).toContain(`inc-${ids[0]}`);
  await thread.end();
});
