import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type WatchedMuteIntervals,
  watchMuteIntervals,
} from '../../src/engine/watch-mute-intervals.ts';

let folder: string;
let watched: WatchedMuteIntervals | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-quiet-'));
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true, force: true });
});

const entry = (name: string) =>
  `maintenance:\n  - { name: ${name}, from: 2026-01-01, to: 2026-01-02 }\n`;

it('follows changes of its file, and keeps the last valid ones', async () => {
  const file = join(folder, 'quiet.yaml');
  writeFileSync(file, entry('first'));
  let changes = 0;
  watched = await watchMuteIntervals({ file, isSection: false }, () => undefined, 50);
  watched.onChange(() => {
    changes += 1;
  });
  const names = () => watched?.times.entries.map(({ name }) => name);
  expect(names()).toEqual(['first']);
  writeFileSync(file, `${entry('second')}  - nonsense\n`);
  await expect
    .poll(() => watched?.error, { timeout: 20_000 })
    .toMatchObject({
      code: 'MUTE_INTERVALS_INVALID',
      message: expect.stringContaining('quiet.yaml:3:5: '),
    });
  expect(names()).toEqual(['first']);
  writeFileSync(file, entry('the third one'));
  await expect.poll(names, { timeout: 20_000 }).toEqual(['the third one']);
  expect(watched.error).toBeNull();
  expect(changes).toBeGreaterThanOrEqual(2);
});

it('throws if the first reading fails', async () => {
  const file = join(folder, 'quiet.yaml');
  await expect(
    watchMuteIntervals({ file, isSection: false }, () => undefined),
  ).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  });
  writeFileSync(file, 'maintenance: 5');
  await expect(
    watchMuteIntervals({ file, isSection: false }, () => undefined),
  ).rejects.toMatchObject({
    code: 'MUTE_INTERVALS_INVALID',
  });
});
