import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type WatchedDirectory, watchDirectory } from '../../src/engine/watch-directory.ts';

let folder: string;
let watched: WatchedDirectory | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-directory-'));
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('follows changes of its file, and logs bad lines', async () => {
  const file = join(folder, 'streams.csv');
  const log: string[] = [];
  writeFileSync(file, 'stream,team\ns,first\n,nobody\n');
  let changes = 0;
  watched = await watchDirectory(file, (level, message) => log.push(`${level} ${message}`), 50);
  watched.onChange?.(() => {
    changes += 1;
  });
  const teamOf = () => watched?.factsOf({ account: 'a', stream: 's' }, {}).team;
  expect(teamOf()).toBe('first');
  expect(log).toContainEqual(expect.stringMatching(/^error .*streams\.csv:3: room or user/));
  writeFileSync(file, 'stream,team\ns,the second one\n');
  await expect.poll(teamOf, { timeout: 50_000 }).toBe('the second one');
  expect(changes).toBeGreaterThan(0);
  expect(watched.names.size).toBe(1);
  rmSync(file);
  await expect.poll(() => log.at(-1), { timeout: 50_000 }).toMatch(/^error new directory rejected/);
  expect(teamOf()).toBe('the second one');
}, 120_000);

it('throws if its file does not exist', async () => {
  await expect(watchDirectory(join(folder, 'gone.csv'), () => undefined)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  });
});
