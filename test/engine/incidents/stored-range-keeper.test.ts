import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type IncidentWorker,
  startIncidentWorker,
} from '../../../src/engine/incidents/incident-worker.ts';
import {
  documentOfLateBreaks,
  findLateBreaks,
  LATE_BREAKS,
  type LateBreaks,
} from '../../../src/engine/late-breaks.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import { answerIncidents } from '../../../src/queries/incidents/incidents.ts';
import {
  isStored,
  STORED_RANGE,
  type StoredRange,
} from '../../../src/queries/incidents/stored-range.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, refused } from '../../incidents/story.ts';

let temporary: TemporaryStore;
let worker: IncidentWorker;
let clock: number;
const errors: string[] = [];

beforeEach(async () => {
  temporary = await openTemporaryStore();
  clock = at(-24 * 3_600);
  errors.length = 0;
  open();
  await worker.idle();
  clock = at(60);
});
afterEach(async () => {
  await worker.close();
  await temporary.remove();
  expect(errors).toEqual([]);
});

function open(): void {
  worker = startIncidentWorker({
    store: temporary.store.share,
    onError: ({ message }) => errors.push(message),
    now: () => clock,
  });
  worker.know({ pushesSince: {}, accounts: [], alerts: {}, mute: NO_MUTE_INTERVALS });
}

/** Stores new breaks and gives them to the worker, as the engine does. */
async function bring(...records: BreakRecord[]): Promise<void> {
  await temporary.insert(...records);
  const added = records.map(({ event }) => event.id);
  worker.take({ records, removed: [], pushes: [], late: findLateBreaks(records, added, clock) });
  await worker.idle();
}

/** The break of a stream that recovered after a minute. */
function broken(stream: string, hour: number): BreakRecord {
  return refused({ stream, at: hour * 3_600, back: hour * 3_600 + 60 });
}

const hours = (from: number, to: number) => ({ from: NOON + from * HOUR, to: NOON + to * HOUR });

async function isComplete(from: number, to: number): Promise<boolean> {
  const known = (await temporary.store.getState(STORED_RANGE)) as StoredRange;
  return isStored(known, hours(from, to), ['default']);
}

/** Streams of the incidents of a range, the newest first. */
async function streamsIn(from: number, to: number): Promise<unknown[]> {
  const [frame] = await answerIncidents({ refId: 'A', queryType: 'incidents' }, hours(from, to), {
    ...queryContext(temporary.store),
    now: () => clock,
  });
  const values = frame?.fields.find(({ name }) => name === 'scopeValue')?.values ?? [];
  return values.map((value) => String(value).split('/').at(-1));
}

it('is all time of a new store, and a query shows each incident as it is now', async () => {
  await bring(refused({ stream: 'room-1', at: 0 }));
  expect(await isComplete(-1_000, 1)).toBe(true);
  clock = at(3_700);
  await bring(broken('room-2', 1));
  clock = at(2 * 3_600);
  await worker.idle();
  const [frame] = await answerIncidents(
    { refId: 'A', queryType: 'incidents' },
    { from: NOON - HOUR, to: NOON + HOUR / 2 },
    { ...queryContext(temporary.store), now: () => clock },
  );
  const column = (name: string) => frame?.fields.find((one) => one.name === name)?.values;
  // Its range ended long before, but it has been down for two hours.
  expect(column('lostMinutes')).toEqual([120]);
  expect(await streamsIn(-1, 2)).toEqual(['room-2', 'room-1']);
});

it('ends where breaks were reported too late: these are grouped when they are asked for', async () => {
  clock = at(-20 * 3_600 + 60);
  await bring(broken('room-1', -20));
  clock = at(60);
  await bring(broken('room-2', 0));
  expect(await isComplete(-21, 1)).toBe(true);
  expect(await streamsIn(-21, 1)).toEqual(['room-2', 'room-1']);

  // A change of a break that was grouped in time is none of these.
  worker.take({ records: [broken('room-1', -20)], removed: [], pushes: [] });
  await worker.idle();
  expect(await isComplete(-21, 1)).toBe(true);

  await bring(broken('late', -19.9));
  expect(await isComplete(-21, 1)).toBe(false);
  expect(await isComplete(-1, 1)).toBe(true);
  expect(await streamsIn(-21, 1)).toEqual(['room-2', 'late', 'room-1']);
  expect(await streamsIn(-1, 1)).toEqual(['room-2']);
});

it('has a gap after a pause that is longer than what is read at the start', async () => {
  await bring(broken('room-1', 0));
  await worker.close();
  clock = at(10 * 3_600);
  open();
  await worker.idle();
  expect(await isComplete(-10, -1)).toBe(true);
  expect(await isComplete(3, 4)).toBe(false);
  expect(await isComplete(11, 12)).toBe(true);
});

it('begins with what is read at the start when a store has a history without incidents', async () => {
  await worker.close();
  await temporary.store.setState(STORED_RANGE, undefined);
  await temporary.insert(broken('old', -48), broken('room-1', -1));
  open();
  await worker.idle();
  expect(await isComplete(-1, 0)).toBe(false);
  expect(await streamsIn(-50, 0)).toEqual(['room-1', 'old']);
  clock = at(13 * 3_600);
  await worker.idle();
  expect(await isComplete(7, 13)).toBe(true);
});

it('has a gap for late breaks whose note was lost because the process was killed after their commit', async () => {
  await bring(broken('room-1', 0));
  const late = broken('late', -19.9);
  const found = findLateBreaks([late], [late.event.id], clock);
  await temporary.store.commit({
    breaks: [late],
    removed: [],
    pushes: [],
    cursor: 0,
    documents: [documentOfLateBreaks(found as LateBreaks, clock)],
  });
  await worker.close();
  open();
  await worker.idle();
  expect(await isComplete(-21, 1)).toBe(false);
  expect(await isComplete(-1, 1)).toBe(true);
  expect(await streamsIn(-21, 1)).toEqual(['room-1', 'late']);
  expect(await temporary.store.findDocuments({ kind: LATE_BREAKS, limit: 1 })).toEqual([]);
});
