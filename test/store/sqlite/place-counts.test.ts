import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addToSteps } from '../../../src/store/rows/place-bytes.ts';
import { Connection } from '../../../src/store/sqlite/connection.ts';
import {
  eachPlaceRow,
  type PlaceSearch,
  PlaceTally,
  placeBounds,
  placeTotals,
} from '../../../src/store/sqlite/place-counts.ts';
import { createTables, DATABASE_SCHEMA } from '../../../src/store/sqlite/schema.ts';
import { DAY } from '../make-record.ts';

const HOUR = 3_600_000;
const hourOf = (time: number) => Math.floor(time / HOUR);
const CELLS = [1, 2, 300, 70_000];

let folder: string;
let connection: Connection;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-counts-'));
  const file = join(folder, 'breakwatch.db');
  connection = new Connection({ file, readOnly: false, synchronous: 'normal' });
  createTables(connection.database, DATABASE_SCHEMA);
});
afterAll(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

/** Cells 2 and 300 are one group, 70,000 is another, and 1 is left out. */
function searchOf(fromHour: number, toHour: number, only?: string[]): PlaceSearch {
  const groups = new Int32Array(70_001).fill(-1);
  groups[2] = 0;
  groups[300] = 0;
  groups[70_000] = 1;
  const where = { sql: '', values: [] };
  return {
    column: 'stream',
    fromHour,
    toHour,
    groups,
    groupCount: 2,
    where,
    ...(only && { only }),
  };
}

test('counts of any size, added and taken away, are read as they are', () => {
  const counts = new Map<string, number>();
  let seed = 7;
  const random = (max: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % max;
  };
  for (let batch = 0; batch < 30; batch++) {
    const tally = new PlaceTally();
    for (let turn = 0; turn < 50; turn++) {
      const stream = `s${random(4)}`;
      const cell = CELLS[random(CELLS.length)] as number;
      const endedAt = DAY + random(10 * 24) * HOUR + random(HOUR);
      const key = `${stream} ${cell} ${hourOf(endedAt)}`;
      const known = counts.get(key) ?? 0;
      // One third takes away all that is there; others add up to two million.
      const change = known > 0 && random(3) === 0 ? -known : 1 + random(10 ** (1 + random(6)));
      counts.set(key, known + change);
      tally.add(cell, endedAt, change, { stream, client_ip: null, node: null });
    }
    tally.write(connection);
  }
  const fromHour = hourOf(DAY) + 5;
  const toHour = hourOf(DAY) + 200;
  for (const only of [undefined, ['s1', 's3', 'other']]) {
    const expected = new Map<string, number>();
    const totals = new Map<string, number>();
    for (const [key, count] of counts) {
      const [stream, cell, hour] = key.split(' ') as [string, string, string];
      const isRead = Number(hour) >= fromHour && Number(hour) < toHour;
      if (count > 0 && cell !== '1' && isRead && (!only || only.includes(stream))) {
        const group = `${stream} ${cell === '70000' ? 1 : 0}`;
        totals.set(group, (totals.get(group) ?? 0) + count);
        expected.set(`${group} ${hour}`, (expected.get(`${group} ${hour}`) ?? 0) + count);
      }
    }
    const found = new Map<string, number>();
    const search = searchOf(fromHour, toHour, only);
    eachPlaceRow(connection, search, (value, bytes, firstHour) => {
      const steps = [0, 1].map(() => new Float64Array(toHour - fromHour));
      addToSteps(bytes, search, steps, { firstHour, firstStep: fromHour, stepHours: 1 });
      for (const [group, ofGroup] of steps.entries()) {
        for (const [step, count] of ofGroup.entries()) {
          const key = `${value} ${group} ${fromHour + step}`;
          if (count > 0) {
            found.set(key, (found.get(key) ?? 0) + count);
          }
        }
      }
    });
    expect(found).toEqual(expected);
    const foundTotals = [...placeTotals(connection, searchOf(fromHour, toHour, only))].flatMap(
      ([value, [first = 0, second = 0]]) => [
        [`${value} 0`, first] as const,
        [`${value} 1`, second] as const,
      ],
    );
    expect(new Map(foundTotals)).toEqual(totals);

    // Rows have four days, so a range of whole rows has exactly the bound, with all cells.
    const rows = { ...search, fromHour: 0, toHour: 96 * 10_000 };
    const whole = new Map<string, number>();
    for (const [key, count] of counts) {
      const [stream] = key.split(' ') as [string];
      if (!only || only.includes(stream)) {
        whole.set(stream, (whole.get(stream) ?? 0) + count);
      }
    }
    expect(new Map(placeBounds(connection, rows))).toEqual(whole);
  }
});

test('a row without counts is deleted', () => {
  const places = { stream: 'gone', client_ip: 'gone', node: 'gone' };
  const change = (count: number) => {
    const tally = new PlaceTally();
    tally.add(5, DAY, count, places);
    tally.write(connection);
    const sql = "SELECT count(*) FROM place_counts WHERE value = 'gone'";
    return connection.row<[number]>(sql)?.[0];
  };
  expect(change(200)).toBe(3);
  expect(change(-200)).toBe(0);
});
