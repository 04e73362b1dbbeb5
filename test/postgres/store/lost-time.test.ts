import { expect, test } from 'vitest';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';
import { Database } from '../../../src/store/postgres/database.ts';
import { rebuildLostTime } from '../../../src/store/postgres/rebuild-lost-time.ts';
import type { Store } from '../../../src/store/store.ts';
import { makeLostStory, pointsByLabels, searchOf } from '../../store/lost-story.ts';
import { DAY, makeRecord } from '../../store/make-record.ts';
import { naiveSeries } from '../../store/naive-answers.ts';
import { withSchema } from '../with-schema.ts';

const HOUR = 3_600_000;

const made = withSchema();

/** Sums of sets of cells, and spans of streams, as they are stored. */
async function stored(): Promise<unknown> {
  const open = await made.query('SELECT stream_hash, spans FROM lost_open ORDER BY 1');
  return {
    sums: await made.query(
      `SELECT day, cells, encode(sums, 'hex') AS sums FROM lost_time JOIN cell_sets USING (set_hash)
       ORDER BY 1, 2`,
    ),
    open: open.map(({ stream_hash, spans }) => [stream_hash, JSON.parse(spans as string).sort()]),
  };
}

async function rebuild(): Promise<void> {
  const database = new Database({ connection: connectionOf(made.settings), size: 1 });
  await database.transaction(rebuildLostTime);
  await database.close();
}

const purge = (store: Store, before: number) =>
  store.purge({ before, arrivedBefore: 0, openBefore: 0, minutesBefore: 0, needed: [] });

test.each([3, 5, 8, 13, 21])('sums equal a full read after any story (%i)', async (seed) => {
  const story = makeLostStory(seed);
  const store = await made.open();

  async function check(): Promise<void> {
    const written = await stored();
    await rebuild();
    expect(written).toEqual(await stored());
    for (let round = 0; round < 8; round++) {
      const search = story.search();
      expect(pointsByLabels(await store.series(search))).toEqual(
        pointsByLabels(naiveSeries([...story.known.values()], search)),
      );
    }
  }

  for (let batch = 1; batch <= 40; batch++) {
    const { breaks, removed } = story.next();
    await store.commit({ breaks, removed, pushes: [], cursor: 0 });
    if (batch % 10 === 0) {
      await check();
    }
  }
  const before = DAY + 12 * HOUR;
  await purge(store, before);
  for (const [id, { event }] of [...story.known]) {
    if (event.endedAt < before) {
      story.known.delete(id);
    }
  }
  await check();
  await purge(store, DAY + 100 * HOUR);
  expect(await stored()).toEqual({ sums: [], open: [] });
});

test('a stream that is down for days, with thousands of retries, is a few spans, also when they are counted again', async () => {
  const store = await made.open();
  const retries = Array.from({ length: 12_000 }, (_one, n) =>
    makeRecord({
      id: `id-${n}`,
      endedAt: DAY + n * 20_000,
      outcome: n === 0 ? 'broken' : 'refused',
      recoveredAt: n % 2 === 0 ? null : DAY + n * 20_000 + 1_000,
    }),
  );
  await store.commit({ breaks: retries, removed: [], pushes: [], cursor: 0 });
  const written = await stored();
  await rebuild();
  expect(await stored()).toEqual(written);
  const search = searchOf({ range: { from: DAY, to: DAY + 24 * HOUR }, stepMs: HOUR });
  const [group] = await store.series(search);
  expect([...(group?.points ?? [])]).toEqual(Array(24).fill(60));
});
