import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Query } from '../../src/model/query.ts';
import { answerQueries } from '../../src/queries/answer-query.ts';
import { HOUR, NOON } from '../helpers/break-record.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { at, cut } from '../incidents/story.ts';

const TEXT = 'No stream is down.';
let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  await temporary.insert(cut({ stream: 'shop-17', at: 0 }));
});
afterAll(() => temporary.remove());

/** Columns and notices of the answer, with accounts that are blind or not. */
async function ask(change: Partial<Query>, accounts: { account: string; blind: boolean }[] = []) {
  const query = { refId: 'A', queryType: 'streams', whenEmpty: TEXT, ...change } as Query;
  const context = {
    ...queryContext(temporary.store),
    alerts: async () => ({ instances: [], accounts, resolvedSince: 0 }),
  };
  const range = { from: NOON - HOUR, to: at(600) };
  const { results } = await answerQueries({ ...range, queries: [query] }, context);
  const answer = results.A as {
    frames: { fields: { name: string; values: unknown[] }[]; meta?: { notices?: object[] } }[];
  };
  const [frame] = answer.frames;
  return {
    columns: Object.fromEntries(frame?.fields.map(({ name, values }) => [name, [...values]]) ?? []),
    notices: frame?.meta?.notices ?? [],
  };
}

const NONE = { state: ['live'], columns: ['stream', 'since'] } as Partial<Query>;

test('an empty table says so, with the text of its query', async () => {
  expect(await ask(NONE, [{ account: 'default', blind: false }])).toEqual({
    columns: { whenEmpty: [TEXT] },
    notices: [],
  });
  expect((await ask({ ...NONE, whenEmpty: 'a\nb' })).columns).toEqual({ whenEmpty: ['a\\nb'] });
});

test('a table with rows, and one whose query has no text, stay as they are', async () => {
  expect((await ask({ columns: ['stream'] })).columns).toMatchObject({ stream: ['shop-17'] });
  const { whenEmpty: _none, ...found } = (await ask({ ...NONE, whenEmpty: undefined })).columns;
  expect(found).toMatchObject({ stream: [], since: [] });
});

test('while an account of the query is blind, the table stays empty and says why', async () => {
  const accounts = [
    { account: 'shop', blind: true },
    { account: 'mall', blind: false },
  ];
  const { columns, notices } = await ask(NONE, accounts);
  expect(columns).toMatchObject({ stream: [], since: [] });
  expect(notices).toMatchObject([{ severity: 'warning', text: expect.stringContaining('shop') }]);
  const other = { ...NONE, filters: { account: ['mall'] } };
  expect((await ask(other, accounts)).columns).toEqual({ whenEmpty: [TEXT] });
});
