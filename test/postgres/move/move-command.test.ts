import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runBreakwatch } from '../../helpers/run-breakwatch.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';
import { makeFolder } from './make-folder.ts';

let parent: string;
let made: TestSchema;
let environment: Record<string, string>;

/** The tests follow each other: a move, and what comes after it. */
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'breakwatch-move-command-'));
  await makeFolder(join(parent, 'old'));
  made = newSchema();
  const socket = encodeURIComponent(inject('postgresSocket'));
  await writeFile(
    join(parent, 'breakwatch.yaml'),
    `database:\n  url: postgres://breakwatch@/breakwatch?host=${socket}\n  schema: ${made.schema}\n`,
  );
  environment = { BREAKWATCH_DATA: join(parent, 'new'), BREAKWATCH_PORT: '1' };
});

afterAll(async () => {
  await made.remove();
  await rm(parent, { recursive: true, force: true });
});

const run = (...args: string[]) => runBreakwatch(args, { cwd: parent, environment });

test('without a database there is nothing to move to', async () => {
  const refused = await runBreakwatch(['database', 'move', '--from', join(parent, 'old')]);
  expect(refused.code).toBe(1);
  expect(refused.errors).toContain('BREAKWATCH_DATABASE_URL');
});

test('moves a folder with its log of actions, and says what is the same', async () => {
  const lines = ['ordered', 'done'].map((phase) => ({
    ...{ at: 1, id: 'an-action', phase, via: 'cli', by: 'kim', account: 'default', action: 'drop' },
    ...{ domain: 'push.example.com', app: 'live', stream: 'shop-17', resumeAt: null, reason: null },
  }));
  const log = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await appendFile(join(parent, 'old', 'audit.jsonl'), `${log}{"half a li`);
  const moved = await run('database', 'move', '--from', 'old', '--json');
  // A plain line every few seconds, if it takes so long.
  expect(moved.errors).toMatch(/^(?:\d+ % [\w ()]+\n)*$/);
  const { rows, answers, folder } = JSON.parse(moved.output);
  expect({ answers, folder, documents: rows.documents }).toEqual({
    answers: 1_000,
    folder: join(parent, 'old'),
    documents: 100,
  });
  const { output } = await run('stream', 'log');
  expect(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(lines.reverse());
});

test('commands then read the database, and a second move is refused', async () => {
  const exported = await run(
    'export',
    '--format',
    'breaks',
    '--from',
    '2026-05-01',
    '--to',
    '2026-05-04',
  );
  expect(exported.errors).toBe('');
  expect(exported.output.trim().split('\n').length).toBeGreaterThan(500);
  const again = await run('database', 'move', '--from', 'old');
  expect(again.code).toBe(1);
  expect(again.errors).toContain('DATABASE_NOT_EMPTY');
});
