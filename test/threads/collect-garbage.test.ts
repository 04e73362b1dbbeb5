import { getHeapStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { GarbageCollection } from '../../src/threads/collect-garbage.ts';

const MEGABYTES = 1024 * 1024;

/** Numbers of 16 MB each, in the old generation from the start. */
const allocate = (count: number): number[][] =>
  Array.from({ length: count }, () => Array(2_000_000).fill(1.5));

it('collects what the old generation has grown by, and nothing when it has not grown', () => {
  const garbage = new GarbageCollection();
  const used = () => getHeapStatistics().used_heap_size;
  const before = used();
  for (let time = 0; time < 2; time += 1) {
    expect(allocate(20)).toHaveLength(20);
    expect(used()).toBeGreaterThan(before + 250 * MEGABYTES);
    expect(garbage.collectIfGrown()).toBe(true);
    expect(used()).toBeLessThan(before + 100 * MEGABYTES);
    expect(garbage.collectIfGrown()).toBe(false);
  }
});
