import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BreakRecord } from '../../../src/model/break.ts';
import { prepareStamps } from '../../../src/store/columns/stamps.ts';
import { breakRowOf } from '../../../src/store/rows/break-row.ts';
import { Connection, type SqlValue } from '../../../src/store/sqlite/connection.ts';
import { createPurgeOperations } from '../../../src/store/sqlite/purge-operations.ts';
import { createTables, DATABASE_SCHEMA } from '../../../src/store/sqlite/schema.ts';
import { series } from '../../../src/store/sqlite/series.ts';
import { createWriteOperations } from '../../../src/store/sqlite/write-operations.ts';
import type { SeriesSearch } from '../../../src/store/store.ts';
import { makeLostStory, pointsByLabels, searchOf } from '../lost-story.ts';
import { DAY, makeRecord } from '../make-record.ts';
import { naiveSeries } from '../naive-answers.ts';

const SECOND = 1_000;
const QUARTER = 900 * SECOND;
const HOUR = 4 * QUARTER;

let folder: string;
let connection: Connection;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-lost-'));
  connection = open('breakwatch.db');
});
afterEach(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

function open(file: string): Connection {
  const opened = new Connection({
    file: join(folder, file),
    readOnly: false,
    synchronous: 'normal',
  });
  createTables(opened.database, DATABASE_SCHEMA);
  prepareStamps(opened);
  return opened;
}

const writers = new WeakMap<Connection, ReturnType<typeof createWriteOperations>>();

function commit(breaks: BreakRecord[], removed: string[] = [], into = connection): void {
  const operations = writers.get(into) ?? createWriteOperations(into);
  writers.set(into, operations);
  into.transaction(() =>
    operations.commit({
      removed,
      breaks: breaks.map(breakRowOf),
      pushes: [],
      documents: [],
      cursor: 0,
    }),
  );
}

/** Purges in steps, as a running server does. Stops after some of them, or at the end. */
function purge(before: number, steps = Number.POSITIVE_INFINITY): void {
  const operations = createPurgeOperations(connection);
  const request = { before, arrivedBefore: 0, openBefore: 0, minutesBefore: 0, needed: [] };
  let next: SqlValue[] | null = [];
  for (let step = 0; next !== null && step < steps; step++) {
    const after: SqlValue[] = next;
    ({ next } = connection.transaction(() => operations.purgeBreaks(request, after)));
  }
}

/** What is stored about lost time, with the texts of its cells instead of their numbers. */
function stored(from = connection): unknown {
  const names = new Map(
    from
      .rows<[number, ...string[]]>(
        'SELECT cell, account, domain, app, outcome, category, reason, rule FROM cells',
      )
      .map(([cell, ...texts]) => [cell, texts.join(' ')]),
  );
  const nameOf = (cell: string | number) => names.get(Number(cell));
  const sums = from
    .rows<[string, number, string]>(
      `SELECT s.cells, l.day, hex(l.sums) FROM lost_time l JOIN cell_sets s USING (cell_set)`,
    )
    .map(([cells, ...rest]) => JSON.stringify([cells.split(',').map(nameOf).sort(), ...rest]));
  const spans = from
    .rows<string[]>('SELECT account, domain, app, stream, spans FROM lost_open')
    .map((row) => {
      const ofStream = JSON.parse(row.pop() as string) as [number, number, number | null][];
      const named = ofStream.map(([cell, ...times]) => JSON.stringify([nameOf(cell), ...times]));
      return JSON.stringify([...row, named.sort()]);
    });
  return { sums: sums.sort(), spans: spans.sort() };
}

function expectAsNaive(known: BreakRecord[], search: SeriesSearch): void {
  expect(pointsByLabels(series(connection, search))).toEqual(
    pointsByLabels(naiveSeries(known, search)),
  );
}

test.each([3, 5, 8, 13, 21])('sums equal a full read after any story (%i)', (seed) => {
  const story = makeLostStory(seed);
  const { known } = story;
  let files = 0;

  function check(): void {
    const all = [...known.values()];
    const fresh = open(`fresh-${files++}.db`);
    commit(all, [], fresh);
    expect(stored()).toEqual(stored(fresh));
    fresh.close();
    for (let round = 0; round < 4; round++) {
      expectAsNaive(all, story.search());
    }
  }

  for (let batch = 1; batch <= 40; batch++) {
    const { breaks, removed } = story.next();
    commit(breaks, removed);
    if (batch % 10 === 0) {
      check();
      connection.close();
      connection = open('breakwatch.db');
    }
  }
  for (const [hours, steps] of [
    [5, Number.POSITIVE_INFINITY],
    [12, 1],
    [12, Number.POSITIVE_INFINITY],
  ] as const) {
    purge(DAY + hours * HOUR, steps);
    const left = connection.rows<[string]>('SELECT id FROM breaks').map(([one]) => one);
    for (const one of [...known.keys()].filter((name) => !left.includes(name))) {
      known.delete(one);
    }
    check();
  }
  const { breaks, removed } = story.next();
  commit(breaks, removed);
  check();
  purge(DAY + 100 * HOUR);
  expect(stored()).toEqual({ sums: [], spans: [] });
});

test('an outage over days, with a retry every three minutes, is one span of the stream', () => {
  const retries = (recoveredAt: number | null) =>
    Array.from({ length: 1_000 }, (_, i) =>
      makeRecord({
        id: `id-${i}`,
        endedAt: DAY + i * 180 * SECOND + 1,
        outcome: i === 0 ? 'broken' : 'refused',
        recoveredAt,
      }),
    );
  for (const one of retries(null)) {
    commit([one]);
  }
  const spansOf = () => connection.rows<[string]>('SELECT spans FROM lost_open');
  // The break, and the first refused retry. The others change nothing.
  expect(spansOf().map(([text]) => JSON.parse(text).length)).toEqual([2]);
  const recoveredAt = DAY + 72 * HOUR;
  const all = retries(recoveredAt);
  // The writer may split a batch anywhere.
  for (let first = 0; first < all.length; first += 300) {
    commit(all.slice(first, first + 300));
  }
  expect(spansOf()).toEqual([]);
  const [group] = series(
    connection,
    searchOf({ range: { from: DAY, to: DAY + 96 * HOUR }, stepMs: 24 * HOUR }),
  );
  expect([...(group?.points ?? [])]).toEqual([1_440 - 1 / 60_000, 1_440, 1_440, 0]);
  // The retries are a set of their own with the break: a filter of either finds its part.
  const [refused] = series(
    connection,
    searchOf({
      range: { from: DAY, to: DAY + 24 * HOUR },
      stepMs: 24 * HOUR,
      filters: { outcome: ['refused'] },
    }),
  );
  expect([...(refused?.points ?? [])]).toEqual([1_437 - 1 / 60_000]);
});

test('sums of thousands of streams in one quarter hour are exact', () => {
  const streams = 6_000;
  commit(
    Array.from({ length: streams }, (_, i) =>
      makeRecord({ id: `id-${i}`, stream: `s${i}`, endedAt: DAY + 1, recoveredAt: DAY + HOUR }),
    ),
  );
  const [group] = series(connection, searchOf({ range: { from: DAY, to: DAY + HOUR } }));
  expect([...(group?.points ?? [])]).toEqual([
    (streams * (QUARTER - 1)) / 60_000,
    streams * 15,
    streams * 15,
    streams * 15,
  ]);
});
