import { describe, expect, test } from 'vitest';
import { planSize, REFERENCE_BYTES, totalBytes } from '../../../src/store/size/plan-size.ts';
import { measureArrivals, type StoreSize } from '../../../src/store/size/store-size.ts';

const DAY = 86_400_000;

const sizeOf = (entries: number, arrivals = { days: 10, perDay: 2_000 }): StoreSize => ({
  kind: 'postgres',
  tables: [
    { table: 'breaks', rows: entries / 2, bytes: 300 * entries, indexBytes: 100 * entries },
    { table: 'journal', rows: entries, bytes: 500 * entries, indexBytes: 100 * entries },
  ],
  freeBytes: 0,
  arrivals,
});

describe('the plan of a size', () => {
  test('multiplies what was measured', () => {
    const size = sizeOf(20_000);
    expect(totalBytes(size)).toBe(20_000_000);
    expect(planSize(size, { keepDays: 400, diskBytes: 1e9 })).toEqual({
      entriesPerDay: 2_000,
      entriesFrom: 'measured',
      bytesPerEntry: 1_000,
      bytesFrom: 'measured',
      bytes: { day: 2e6, month: 60e6, year: 730e6 },
      oldMonthBytes: 0,
      retentionBytes: 800e6,
      // A fifth of the disk stays free.
      fittingDays: 400,
    });
  });

  test('has room for the oldest month of tables whose space is returned by the month', () => {
    const size = { ...sizeOf(20_000), monthly: ['breaks', 'break_details'] };
    // Two fifths of what 31 days take.
    const oldMonthBytes = 24.8e6;
    const plan = planSize(size, { keepDays: 400, diskBytes: 1e9 });
    expect(plan).toMatchObject({ oldMonthBytes, retentionBytes: 800e6 + oldMonthBytes });
    expect(plan?.fittingDays).toBe(387);
    expect(planSize(size, { keepDays: 400, diskBytes: 10e6 })?.fittingDays).toBe(0);
    const small = planSize({ ...sizeOf(10), monthly: ['breaks'] }, { keepDays: 400 });
    expect((small?.oldMonthBytes ?? 0) / (small?.bytes.month ?? 1)).toBeCloseTo((0.47 * 31) / 30);
  });

  test('a given number of callbacks comes first, and an unknown disk fits nothing', () => {
    const plan = planSize(sizeOf(20_000), { given: 50, keepDays: 0 });
    expect(plan).toMatchObject({
      entriesPerDay: 50,
      entriesFrom: 'given',
      retentionBytes: null,
      fittingDays: null,
    });
  });

  test('a small store takes the bytes of the documentation, and a short journal no number', () => {
    const plan = planSize(sizeOf(9_999), { keepDays: 1 });
    expect(plan).toMatchObject({
      bytesPerEntry: REFERENCE_BYTES.postgres,
      bytesFrom: 'reference',
    });
    expect(plan?.bytesPerEntry).toBeGreaterThan(100);
    const short = sizeOf(20_000, { days: 0, perDay: 0 });
    expect(planSize(short, { keepDays: 1 })).toBeUndefined();
    expect(planSize(short, { keepDays: 1, given: 5 })?.bytes.day).toBe(5_000);
  });
});

describe('arrivals', () => {
  /** One entry every ten minutes for some days, ten times as many in the last four weeks. */
  const endsOf = (days: number, from = 5) => {
    const times: number[] = [];
    for (let at = 0; at <= days * DAY; at += at >= (days - 28) * DAY ? 60_000 : 600_000) {
      times.push(at);
    }
    let reads = 0;
    const ends = {
      first: { seq: from, receivedAt: 0 },
      last: { seq: from + times.length - 1, receivedAt: times.at(-1) as number },
      receivedAt: (seq: number) => {
        reads += 1;
        return times[seq - from] as number;
      },
    };
    return { ends, reads: () => reads };
  };

  test('are counted over the last four weeks, with few reads', async () => {
    const { ends, reads } = endsOf(100);
    const { days, perDay } = await measureArrivals(ends);
    expect(days).toBe(28);
    expect(perDay).toBeCloseTo(1_440, 0);
    expect(reads()).toBeLessThan(20);
  });

  test('of a journal of some days are counted over all of it, of a short or empty one not', async () => {
    const { days, perDay } = await measureArrivals(endsOf(3).ends);
    expect(days).toBe(3);
    expect(perDay).toBeCloseTo(1_440, 0);
    expect(await measureArrivals(endsOf(0.9).ends)).toEqual({ days: 0, perDay: 0 });
    expect(await measureArrivals(undefined)).toEqual({ days: 0, perDay: 0 });
  });
});
