import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BreakRecord } from '../../../src/model/break.ts';
import { BLOCK_ROWS } from '../../../src/store/columns/stamps.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { DAY, makeRecord, type RecordChange } from '../make-record.ts';
import { readBlocks, readStore } from './read-blocks.ts';

const CHILD = fileURLToPath(new URL('./build-until-killed.ts', import.meta.url));

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-columns-'));
  store = await openSqliteStore({ folder });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (block: number) => join(folder, 'columns', `${block}.facts`);

function record(number: number, change: Partial<RecordChange> = {}): BreakRecord {
  return makeRecord({ id: `e${number}`, endedAt: DAY + number * 1_000, ...change });
}

function keep(breaks: BreakRecord[], removed: string[] = []): Promise<void> {
  return store.commit({ breaks, removed, pushes: [], cursor: 0 });
}

/** Checks that the blocks equal the store; returns the number of blocks that were built. */
async function expectTrue(): Promise<number> {
  const { breaks, built } = await readBlocks(folder);
  expect(breaks).toEqual(await readStore(store));
  return built;
}

describe('openBlockHistory', () => {
  it('equals the store, and builds a block once until something in it changes', async () => {
    expect(await expectTrue()).toBe(0);
    const odd = [
      record(1, { facts: {}, reason: 'arrears', rule: 'billing/arrears', category: 'billing' }),
      record(2, { facts: { list: [1, 'x', [true]], late: '推流' } as never }),
      record(3, { facts: JSON.parse('{"__proto__": 5, "secondsLive": 0.5}') }),
    ];
    await keep([...Array.from({ length: 100 }, (_none, number) => record(number + 10)), ...odd]);
    expect(await expectTrue()).toBe(1);
    expect(await expectTrue()).toBe(0);
  });

  it('never returns rows from before a change', async () => {
    await keep(Array.from({ length: 20 }, (_none, number) => record(number)));
    await expectTrue();
    const changes: [string, () => Promise<void>][] = [
      ['one more', () => keep([record(100)])],
      ['other facts', () => keep([record(3, { facts: { late: 'merged' } })])],
      ['another verdict', () => keep([record(4, { rule: 'network/other' })])],
      ['another category', () => keep([record(4, { rule: 'network/other', category: 'client' })])],
      ['another time', () => keep([record(5, { endedAt: DAY + 5 })])],
      ['another reason of the event', () => keep([record(6, { reason: 'arrears', facts: {} })])],
      ['one gone', () => keep([], ['e7'])],
      ['the last one gone and another in its row', () => keep([record(200)], ['e100'])],
    ];
    for (const [what, change] of changes) {
      await change();
      expect(await expectTrue(), what).toBe(1);
    }
    // Rules and examples do not read recoveries.
    await keep([record(8, { recoveredAt: DAY + 60_000 })]);
    expect(await expectTrue()).toBe(0);
  });

  it('builds only the blocks that a change or a time range affects', async () => {
    const total = BLOCK_ROWS + 500;
    for (let from = 0; from < total; from += 5_000) {
      const count = Math.min(5_000, total - from);
      await keep(Array.from({ length: count }, (_none, place) => record(from + place)));
    }
    // The first row of a table is 1, so the first block has one row less.
    const late = { from: DAY + (BLOCK_ROWS + 10) * 1_000, to: DAY + (BLOCK_ROWS + 20) * 1_000 };
    expect(await readBlocks(folder, late)).toMatchObject({ built: 1, blocks: 1 });
    expect(readdirSync(join(folder, 'columns'))).toEqual(['1.facts']);
    expect(await expectTrue()).toBe(1);
    await keep([record(17, { facts: { late: 'merged' } })]);
    expect(await readBlocks(folder, late)).toMatchObject({ built: 0, blocks: 1 });
    expect(await expectTrue()).toBe(1);
    await keep(
      [],
      Array.from({ length: 600 }, (_none, place) => `e${total - 1 - place}`),
    );
    // The second block is empty now, so it is not built.
    expect(await expectTrue()).toBe(1);
    expect((await readBlocks(folder)).blocks).toBe(1);
  }, 60_000);

  it('detects files built from another state of the database', async () => {
    await keep([record(1), record(2)]);
    await store.close();
    const copy = `${folder}-copy`;
    cpSync(folder, copy, { recursive: true });
    try {
      store = await openSqliteStore({ folder });
      await keep([record(3)]);
      await expectTrue();
      await store.close();
      // The database is restored from the copy and then changed differently.
      cpSync(join(copy, 'breakwatch.db'), join(folder, 'breakwatch.db'));
      store = await openSqliteStore({ folder });
      await keep([record(4)]);
      expect(await expectTrue()).toBe(1);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('rebuilds files that are damaged, incomplete or not blocks, and deletes leftovers', async () => {
    await keep(Array.from({ length: 500 }, (_none, number) => record(number)));
    await expectTrue();
    const whole = readFileSync(fileOf(0));
    for (let place = 0; place < whole.length; place += Math.ceil(whole.length / 25)) {
      const broken = Buffer.from(whole);
      broken[place] = (broken[place] as number) ^ 0x55;
      writeFileSync(fileOf(0), broken);
      await expectTrue();
    }
    for (const size of [0, 10, 16, 200, whole.length - 1]) {
      writeFileSync(fileOf(0), whole);
      truncateSync(fileOf(0), size);
      await expectTrue();
    }
    writeFileSync(join(folder, 'columns', '7.facts'), 'of rows that are gone');
    writeFileSync(join(folder, 'columns', '0.facts.1.1'), 'unfinished');
    expect(await expectTrue()).toBe(0);
    expect(readdirSync(join(folder, 'columns'))).toEqual(['0.facts']);
    rmSync(join(folder, 'columns'), { recursive: true });
    expect(await expectTrue()).toBe(1);
    expect(statSync(fileOf(0)).size).toBe(whole.length);
  }, 60_000);

  it('stamps the rows of a database that had no stamps', async () => {
    await keep([record(1), record(2)]);
    await store.close();
    const database = new DatabaseSync(join(folder, 'breakwatch.db'));
    for (const trigger of ['added', 'judged', 'moved', 'removed']) {
      database.exec(`DROP TRIGGER fact_blocks_${trigger}`);
    }
    database.exec('DROP TABLE fact_blocks');
    database.close();
    store = await openSqliteStore({ folder });
    expect(await expectTrue()).toBe(1);
    await keep([record(1, { facts: { late: 'x' } })]);
    expect(await expectTrue()).toBe(1);
  });

  it('throws if a block cannot be written', async () => {
    await keep([record(1)]);
    writeFileSync(join(folder, 'columns'), 'no folder');
    await expect(readBlocks(folder)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('is correct after kill -9 at any moment', async () => {
    await store.close();
    for (let run = 0; run < 3; run += 1) {
      const child = spawn(process.execPath, [CHILD, folder, String(run)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) =>
        child.once('close', (_code, signal) => resolve(signal)),
      );
      child.stdout.once('data', () => {
        setTimeout(() => child.kill('SIGKILL'), Math.random() * 300);
      });
      expect(await ended).toBe('SIGKILL');
      store = await openSqliteStore({ folder });
      const { breaks } = await readBlocks(folder);
      expect(breaks.size).toBeGreaterThan(0);
      expect(breaks).toEqual(await readStore(store));
      await store.close();
    }
  }, 120_000);
});
