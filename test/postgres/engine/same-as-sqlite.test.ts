import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StartableEngine } from '../../../src/engine/create-engine.ts';
import type { QueryRequest } from '../../../src/model/query.ts';
import { openBlockHistory } from '../../../src/store/columns/open-block-history.ts';
import { openPostgresHistory } from '../../../src/store/postgres/open-history.ts';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { startCallbackEngine } from '../../helpers/callback-engine.ts';
import { entriesOf, type RandomCallback, randomCallbacks } from '../../helpers/random-callbacks.ts';
import { readHistory } from '../../store/columns/read-blocks.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What the engines take for the present: a time that both see alike. */
const NOW = Date.UTC(2026, 10, 20, 12);
const RANGE = { from: NOW - 6 * HOUR, to: NOW + HOUR };

const QUERIES: QueryRequest['queries'] = [
  { refId: 'breaks', queryType: 'breaks', filters: {} },
  { refId: 'some', queryType: 'breaks', filters: { category: ['network'], stream: ['shop-1*'] } },
  { refId: 'count', queryType: 'series', measure: 'count', groupBy: ['category'], filters: {} },
  { refId: 'nodes', queryType: 'series', measure: 'rate', groupBy: ['node', 'rule'], filters: {} },
  { refId: 'lost', queryType: 'series', measure: 'lostMinutes', groupBy: ['domain'], filters: {} },
  { refId: 'incidents', queryType: 'incidents', filters: {} },
  { refId: 'streams', queryType: 'streams', filters: {} },
  { refId: 'notes', queryType: 'annotations', filters: {} },
] as QueryRequest['queries'];

/** Without those that name incidents, whose ids depend on what was stored before. */
const WITHOUT_INCIDENTS = QUERIES.slice(0, 5);

interface Side {
  store: Store;
  engine: StartableEngine;
}

let folder: string;
let made: TestSchema;
let sides: Side[];

async function start(store: Store): Promise<Side> {
  return { store, engine: await startCallbackEngine(store, NOW) };
}

/**
 * Starts both engines, then adds messages to their journals at once. Facts count what is known when a break is
 * derived, so both must derive the same messages at once; with less than 250 of them, that is one batch.
 */
async function startWith(messages: readonly RandomCallback[]): Promise<void> {
  const entries = entriesOf(messages);
  const stores = [await openSqliteStore({ folder }), await openPostgresStore(made.settings)];
  sides = await Promise.all(
    stores.map(async (store) => {
      const side = await start(store);
      const appended = await store.append(entries);
      side.engine.journalGrew(Math.max(0, ...appended.map(({ seq }) => seq)));
      await side.engine.idle();
      return side;
    }),
  );
}

async function closeAll(): Promise<void> {
  for (const { engine } of sides.splice(0)) {
    await engine.close();
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-same-'));
  made = newSchema();
  sides = [];
});

afterEach(async () => {
  await closeAll();
  await made.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Everything that a reader can see, from one engine. */
async function seen({ store, engine }: Side, queries = QUERIES) {
  const breaks = await engine.breaks({ range: RANGE, filters: {}, limit: 10_000 });
  const { results } = await engine.query({ ...RANGE, queries });
  const lines: string[] = [];
  for await (const line of engine.exportLines({ range: RANGE, filters: {} })) {
    lines.push(String(line));
  }
  return {
    breaks,
    results,
    lines: lines.join(''),
    counts: await store.counts(),
    nodes: await engine.values('node', RANGE),
    streams: await engine.values('stream', RANGE),
    pushes: await store.pushesDuring({ range: RANGE, limit: 10_000 }),
  };
}

async function storedIncidents({ store }: Side) {
  const found = await store.findDocuments({ kind: 'incident', limit: 1_000 });
  return found.map(({ id, account, at, open, endedAt }) => ({ id, account, at, open, endedAt }));
}

describe('an engine on PostgreSQL', () => {
  test.each([1, 2, 3])('answers as one on SQLite does, course %i', async (seed) => {
    await startWith(randomCallbacks(seed, 220, NOW));
    const [onSqlite, onPostgres] = await Promise.all(sides.map((side) => seen(side)));
    expect(onSqlite?.breaks.records.length).toBeGreaterThan(50);
    expect(JSON.stringify(onSqlite?.results)).not.toContain('"error"');
    expect(onPostgres).toEqual(onSqlite);
    // Equal numbers alone may be those of a moment in which a side is still storing.
    let stored: unknown[][] = [];
    await expect
      .poll(
        async () => {
          stored = await Promise.all(sides.map(storedIncidents));
          return (stored[0]?.length ?? 0) > 0 && isDeepStrictEqual(stored[0], stored[1]);
        },
        { timeout: 20_000 },
      )
      .toBe(true)
      .catch(() => expect(stored[1]).toEqual(stored[0]));
  });

  test('takes callbacks one by one, and each is in the next answer', async () => {
    await startWith([]);
    const messages = randomCallbacks(7, 30, NOW);
    for (const { body, at } of messages) {
      const answers = await Promise.all(
        sides.map(async ({ engine }) => {
          const accepted = await engine.acceptCallback('default', body, at);
          await engine.idle();
          const { records } = await engine.breaks({ range: RANGE, filters: {}, limit: 1_000 });
          return { accepted, records };
        }),
      );
      expect(answers[1]).toEqual(answers[0]);
    }
  });

  test('goes on after a restart where it was, and its history reads the same', async () => {
    const messages = randomCallbacks(4, 200, NOW);
    await startWith(messages.slice(0, 120));
    await closeAll();
    await startWith(messages.slice(80));
    const [onSqlite, onPostgres] = await Promise.all(
      sides.map((side) => seen(side, WITHOUT_INCIDENTS)),
    );
    expect(onPostgres).toEqual(onSqlite);
    const blocks = await readHistory(openBlockHistory(folder));
    const same = await readHistory(openPostgresHistory(made.settings));
    expect(blocks.breaks.size).toBeGreaterThan(30);
    const sorted = (one: typeof blocks) => [...one.breaks].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(same)).toEqual(sorted(blocks));
  });

  test('takes an export of one on SQLite, with the same facts and verdicts', async () => {
    await startWith(randomCallbacks(5, 120, NOW));
    const [sqlite] = sides as [Side, Side];
    const before = await seen(sqlite);
    const records = before.lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    const other = newSchema();
    const postgres = await start(await openPostgresStore(other.settings));
    try {
      const imported = await postgres.engine.importRecords(null, records);
      expect(imported.rejected).toEqual([]);
      await postgres.engine.idle();
      const after = await seen(postgres);
      expect(after.breaks.records.length).toBeGreaterThan(30);
      const parts = ({ breaks }: typeof after) =>
        breaks.records.map(({ event: { id, sources, ...event }, verdict }) => ({ event, verdict }));
      expect(parts(after)).toEqual(parts(before));
    } finally {
      await postgres.engine.close();
      await other.remove();
    }
  });

  test('diagnoses history again, and purges, as one on SQLite does', async () => {
    await startWith(randomCallbacks(6, 200, NOW));
    const applied = await Promise.all(
      sides.map(({ engine }) => engine.applyRules({ range: RANGE, limit: 500 })),
    );
    expect(applied[1]).toEqual(applied[0]);
    const before = NOW - 70 * MINUTE;
    const request = {
      before,
      arrivedBefore: before,
      openBefore: before - HOUR,
      minutesBefore: 0,
      needed: [],
    };
    const [onSqlite, onPostgres] = await Promise.all(
      sides.map(({ store }) => store.purge(request)),
    );
    expect(onSqlite?.breaks).toBeGreaterThan(10);
    // How many incidents were stored, and can be deleted, depends on the moment.
    expect({ ...onPostgres, documents: 0 }).toEqual({ ...onSqlite, documents: 0 });
    const [left, leftThere] = await Promise.all(sides.map((side) => seen(side, WITHOUT_INCIDENTS)));
    expect(leftThere).toEqual(left);
  });
});
