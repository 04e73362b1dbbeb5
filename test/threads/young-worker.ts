/**
 * A thread that keeps much for a while, and tells how large its young generation has become. Run as a program, it
 * starts that thread twice: without a limit of its own, and with a larger one.
 *
 * @module
 */
import { getHeapSpaceStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { runThread } from '../../src/threads/run-thread.ts';
import { startThread } from '../../src/threads/start-thread.ts';

function youngMb(): number {
  let kept: object[] = [];
  for (let count = 0; count < 1_500_000; count += 1) {
    kept.push({ count, list: [count] });
    if (kept.length > 200_000) {
      kept = [];
    }
  }
  const space = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space');
  return (space?.space_size ?? 0) / 2 ** 20;
}

runThread(() => ({ operations: { youngMb }, end: () => undefined }));

/** Sizes, MB: of the thread without a limit, of the one with a larger limit, and of the main thread. */
export type YoungSizes = [unnamed: number, named: number, main: number];

if (isMainThread) {
  const sizes: number[] = [];
  for (const resourceLimits of [{}, { maxYoungGenerationSizeMb: 48 }]) {
    const thread = startThread<{ youngMb: typeof youngMb }>({
      url: new URL(import.meta.url),
      name: 'young',
      data: () => ({}),
      resourceLimits,
    });
    sizes.push(await thread.call('youngMb'));
    await thread.end();
  }
  sizes.push(youngMb());
  console.log(JSON.stringify(sizes));
}
