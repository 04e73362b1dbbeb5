import { expect, test } from 'vitest';
import { makeEntry } from '../../store/make-record.ts';
import { withSchema } from '../with-schema.ts';

const made = withSchema();

test('every character of a message comes back as it was', async () => {
  const store = await made.open();
  const all = Array.from({ length: 0x180 }, (_one, code) => String.fromCharCode(code)).join('');
  const texts = [
    '',
    '\u001f',
    '\u001f\u001f',
    '"\\"',
    "{'}",
    'NULL',
    all,
    '\u{1f4a5}\ud800',
    '断流',
  ];
  const entries = texts.map((text, n) => ({
    ...makeEntry(`key-${n}`),
    body: { text, [`name ${n}\u001f`]: [text] },
  }));
  expect((await store.append(entries)).map(({ seq }) => seq)).toEqual(
    texts.map((_one, n) => n + 1),
  );
  const found = await store.journal(0, 100);
  expect(found.map(({ body }) => body)).toEqual(entries.map(({ body }) => body));
});

test('known keys are found without reading all of them, also by a plan from when there were none', async () => {
  const store = await made.open();
  const batch = (first: number) =>
    Array.from({ length: 50 }, (_one, n) => makeEntry(`key-${first + n}`));
  for (let first = 0; first < 2_000; first += 50) {
    await store.append(batch(first));
  }
  // Half of them are known.
  const appended = await store.append(batch(1_975));
  expect(appended.map(({ duplicate }) => duplicate)).toEqual([
    ...Array<boolean>(25).fill(true),
    ...Array<boolean>(25).fill(false),
  ]);
  expect(appended.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 50 }, (_one, n) => 1_976 + n),
  );
  // A connection that ends reports what it read.
  await made.closeAll();
  const read = async () => {
    const [row] = await made.query(
      `SELECT seq_tup_read AS rows, idx_scan AS searches FROM pg_stat_user_tables
       WHERE schemaname = '${made.schema}' AND relname = 'journal_keys'`,
    );
    return row as { rows: number; searches: number };
  };
  await expect
    .poll(async () => Number((await read()).searches), { timeout: 20_000 })
    .toBeGreaterThan(0);
  expect(Number((await read()).rows)).toBeLessThan(2_000);
});
