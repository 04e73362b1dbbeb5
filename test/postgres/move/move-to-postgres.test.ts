import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type MoveOptions, moveToPostgres } from '../../../src/store/move/move-to-postgres.ts';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';
import { makeFolder } from './make-folder.ts';

const MOVE_UNTIL_KILLED = join(import.meta.dirname, 'move-until-killed.ts');
const TABLES = [
  ...['cells', 'verdicts', 'rule_texts', 'journal', 'journal_keys', 'breaks', 'break_details'],
  ...['earlier_verdicts', 'pushes', 'documents', 'state', 'meta'],
];

let parent: string;
/** A data folder that every test reads. */
let folder: string;
const schemas: TestSchema[] = [];

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'breakwatch-move-'));
  folder = join(parent, 'data');
  await makeFolder(folder);
});

afterEach(async () => {
  for (const schema of schemas.splice(0)) {
    await schema.remove();
  }
});

afterAll(() => rm(parent, { recursive: true, force: true }));

function target(): TestSchema {
  const made = newSchema();
  schemas.push(made);
  return made;
}

const move = ({ settings }: TestSchema, change: Partial<MoveOptions> = {}) =>
  moveToPostgres({ folder, settings, ...change });

/** Everything in a schema, without who wrote it last. */
async function contentOf({ query }: TestSchema): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {};
  for (const table of TABLES) {
    content[table] = await query(`SELECT t::text FROM ${table} t ORDER BY 1`);
  }
  content.seq = await query('SELECT part, seq FROM writer ORDER BY 1');
  return content;
}

/** Moves in another process, which is killed after some steps. Returns what it had printed. */
async function moveUntilKilled(
  { settings: { url }, schema }: TestSchema,
  steps: number,
): Promise<string[]> {
  const child = spawn(process.execPath, [MOVE_UNTIL_KILLED, folder, url, schema], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (output.split('\n').length > steps) {
      child.kill('SIGKILL');
    }
  });
  await ended;
  expect(errors).toBe('');
  return output.trim().split('\n');
}

test('everything comes along, and a server goes on from there', async () => {
  const made = target();
  const { rows, answers, resumed } = await move(made);
  expect({ answers, resumed }).toEqual({ answers: 1_000, resumed: false });
  expect(rows.breaks).toBeGreaterThan(700);
  expect(rows.earlier_verdicts).toBeGreaterThan(20);
  expect(rows).toMatchObject({ documents: 100, state: 3, rule_texts: 2 });
  const source = await openSqliteStore({ folder });
  const store = await openPostgresStore(made.settings);
  try {
    const seen = async (one: Store) => ({
      cursor: await one.cursor(),
      counts: await one.counts(),
      oldest: await one.oldest(),
      pushes: await one.pushesDuring({ range: { from: DAY, to: DAY * 2 }, limit: 2_000 }),
      nodes: await one.values('node', { from: DAY, to: DAY * 2 }, 10),
    });
    // PostgreSQL stores no NUL character.
    const expected = JSON.stringify(await seen(source)).replaceAll('nul\\u0000', 'nul\u{fffd}');
    expect(await seen(store)).toEqual(JSON.parse(expected));
    // Numbers go on without a gap, known keys are known, and new rows get new numbers.
    const [known] = await source.journal(500, 1);
    const added = [
      makeEntry('new'),
      makeEntry(known?.key as string, { account: known?.account as string }),
    ];
    expect(await store.append(added)).toEqual([
      { seq: 901, duplicate: false },
      { seq: 501, duplicate: true },
    ]);
    const record = makeRecord({ id: 'new', endedAt: DAY, rule: 'another/rule' });
    await store.commit({ breaks: [record], removed: [], pushes: [], cursor: 901 });
    expect(await store.breakById('new')).toEqual(record);
  } finally {
    await store.close();
    await source.close();
  }
});

test('killed at any moment, again and again, it ends with the same', async () => {
  const whole = target();
  await move(whole);
  const made = target();
  let kills = 0;
  for (let isMoved = false; !isMoved; ) {
    const lines = await moveUntilKilled(made, 3 + Math.floor(Math.random() * 25));
    isMoved = lines.includes('moved');
    kills += isMoved ? 0 : 1;
    if (lines.includes('compare')) {
      // All is copied; what is left takes no more steps than the questions.
      break;
    }
  }
  expect(kills).toBeGreaterThan(2);
  await expect(openPostgresStore(made.settings)).rejects.toMatchObject({
    code: 'DATABASE_MOVE_UNFINISHED',
    details: { folder },
  });
  expect((await move(made)).resumed).toBe(true);
  expect(await contentOf(made)).toEqual(await contentOf(whole));
  await (await openPostgresStore(made.settings)).close();
  // It starts a process for each kill, which takes seconds on a busy machine.
}, 180_000);

/** Ends the move after the copying of a table. */
function stopAfter(table: string): Pick<MoveOptions, 'onProgress'> {
  let isReached = false;
  return {
    onProgress(progress) {
      if (isReached && progress.table !== table) {
        throw new Error('stopped');
      }
      isReached ||= progress.table === table;
    },
  };
}

test.each([
  [
    'a row that is missing',
    'DELETE FROM pushes WHERE ctid = (SELECT min(ctid) FROM pushes)',
    'pushes',
  ],
  ['a row too many', `INSERT INTO state VALUES ('x', '1')`, 'state'],
  ['rows that differ', `UPDATE breaks SET stream = stream || '!'`, 'answers'],
  ['documents that differ', `UPDATE documents SET at = at + 1`, 'documents {'],
  ['entries that differ', `UPDATE journal SET received_at = 1`, 'the journal after'],
])('%s: the move says so, and the schema is not used', async (_name, change, problem) => {
  const made = target();
  const stopped = move(made, {
    onProgress: ({ step }) => {
      if (step === 'count') {
        throw new Error('stopped');
      }
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  await made.query(change);
  await expect(move(made)).rejects.toMatchObject({
    code: 'MOVE_DIFFERS',
    details: { problem: expect.stringContaining(problem) },
  });
  await expect(openPostgresStore(made.settings)).rejects.toMatchObject({
    code: 'DATABASE_MOVE_UNFINISHED',
  });
});

test('a folder that changed since the first part must be copied again', async () => {
  const changing = join(parent, 'changing');
  await cp(folder, changing, { recursive: true, preserveTimestamps: true });
  const made = target();
  const first = moveToPostgres({
    ...stopAfter('breaks'),
    folder: changing,
    settings: made.settings,
  });
  await expect(first).rejects.toThrow('stopped');
  const server = await openSqliteStore({ folder: changing });
  await server.setState('poll:default', 'later');
  await server.close();
  const again = (startOver: boolean) =>
    moveToPostgres({ folder: changing, settings: made.settings, startOver });
  await expect(again(false)).rejects.toMatchObject({ code: 'MOVE_SOURCE_CHANGED' });
  await expect(move(made)).rejects.toMatchObject({ code: 'DATABASE_MOVE_UNFINISHED' });
  expect((await again(true)).resumed).toBe(false);
  expect(await made.query(`SELECT value FROM state WHERE name = 'poll:default'`)).toEqual([
    { value: '"later"' },
  ]);
});

test('a folder in use, a folder without a store, and a schema in use are refused', async () => {
  const made = target();
  const used = join(parent, 'used');
  const server = await openSqliteStore({ folder: used });
  await expect(moveToPostgres({ folder: used, settings: made.settings })).rejects.toMatchObject({
    code: 'DATA_FOLDER_OWNED',
  });
  await server.close();
  await expect(
    moveToPostgres({ folder: join(parent, 'nothing'), settings: made.settings }),
  ).rejects.toMatchObject({
    code: 'DATA_FOLDER_WITHOUT_STORE',
    details: { file: 'breakwatch.db' },
  });
  const store = await openPostgresStore(made.settings);
  await expect(move(made)).rejects.toMatchObject({ code: 'DATABASE_OWNED' });
  await store.setState('x', 1);
  await store.close();
  for (const startOver of [false, true]) {
    await expect(move(made, { startOver })).rejects.toMatchObject({
      code: 'DATABASE_NOT_EMPTY',
      details: { schema: made.schema, table: 'state' },
    });
  }
  expect(await made.query('SELECT name FROM state')).toEqual([{ name: 'x' }]);
});

test('an empty folder moves, too', async () => {
  const empty = join(parent, 'empty');
  await (await openSqliteStore({ folder: empty })).close();
  const made = target();
  const { rows, answers } = await moveToPostgres({ folder: empty, settings: made.settings });
  expect({ breaks: rows.breaks, answers }).toEqual({ breaks: 0, answers: 0 });
  const store = await openPostgresStore(made.settings);
  expect(await store.append([makeEntry('first')])).toEqual([{ seq: 1, duplicate: false }]);
  await store.close();
});
