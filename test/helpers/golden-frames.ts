import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Frame } from '../../src/model/frame.ts';

/**
 * Compares frames, as JSON, with `test/fixtures/frames/<name>.json`. If UPDATE_GOLDEN is set, writes
 * the file instead. Review the difference before you commit it.
 */
export function expectGolden(frames: Frame[], name: string): void {
  const file = new URL(`../fixtures/frames/${name}.json`, import.meta.url);
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(file, `${JSON.stringify(frames, null, 2)}\n`);
  }
  expect(JSON.parse(JSON.stringify(frames))).toEqual(JSON.parse(readFileSync(file, 'utf8')));
}
