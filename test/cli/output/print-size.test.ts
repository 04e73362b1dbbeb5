import { expect, test } from 'vitest';
import { printBytes, printSize } from '../../../src/cli/output/print-size.ts';
import { planSize } from '../../../src/store/size/plan-size.ts';
import type { StoreSize } from '../../../src/store/size/store-size.ts';

const SIZE: StoreSize = {
  kind: 'sqlite',
  tables: [
    { table: 'journal', rows: 40_000, bytes: 20_000_000, indexBytes: 4_000_000 },
    { table: 'breaks', rows: 20_000, bytes: 6_000_000, indexBytes: 10_000_000 },
  ],
  freeBytes: 1_234_567,
  arrivals: { days: 28, perDay: 1_500.4 },
};

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.00 kB'],
  [12_345, '12.3 kB'],
  [345_678_901, '346 MB'],
  [2.5e12, '2.50 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(printBytes(bytes)).toBe(text);
});

test('a table, its sum, and the plan', () => {
  const plan = planSize(SIZE, { keepDays: 400, diskBytes: 55e9 });
  expect(printSize(SIZE, { plan, disk: 55e9, keepDays: 400 })).toBe(`\
table      rows     data  indexes
journal  40,000  20.0 MB  4.00 MB
breaks   20,000  6.00 MB  10.0 MB

SQLite: 40.0 MB, and 1.23 MB free in its files

1,500 callbacks a day (measured), 1,000 bytes each with all that is derived (measured in this store):
  a day 1.50 MB, 30 days 45.0 MB, a year 548 MB
  the retention of 400 days: 600 MB
  55.0 GB of disk, a fifth of it left free: up to 29,325 days
`);
});

test('says what is missing for a plan', () => {
  expect(printSize(SIZE, { plan: undefined, disk: undefined, keepDays: 0 })).toContain(
    '--callbacks',
  );
  const plan = planSize(SIZE, { keepDays: 0 });
  const text = printSize(SIZE, { plan, disk: undefined, keepDays: 0 });
  expect(text).toContain('--disk');
  expect(text).toContain('Everything is kept');
});

test('names the space of a month that is returned when all of it is old', () => {
  const size = { ...SIZE, monthly: ['breaks'] };
  const plan = planSize(size, { keepDays: 400 });
  // 40 % of 31 days, beside 400 days.
  expect(printSize(size, { plan, disk: undefined, keepDays: 400 })).toContain(
    'the retention of 400 days: 619 MB, of it 18.6 MB for the oldest month,',
  );
});
