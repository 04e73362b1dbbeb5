import { setTimeout as wait } from 'node:timers/promises';
import type { Thread } from '../../threads/start-thread.ts';
import type { ColumnOperations } from './column-operations.ts';

/** How often it is looked whether there is anything to do, ms. */
const EVERY_MS = 60_000;
/** Times as long as a block took it rests before the next one, so that others have the processor. */
const REST = 4;

/** Upkeep of block files. */
export interface KeptColumns {
  /** Lets the block in hand be finished. */
  close(): Promise<void>;
}

/** How upkeep is done. */
export interface KeepColumnsOptions {
  /** Starts the thread that makes blocks; called when the first time has come. */
  start: () => Promise<Thread<ColumnOperations>>;
  everyMs?: number;
}

/**
 * Makes files of blocks that have filled up, so that a back-test finds them ready. It goes slowly,
 * in a thread of its own, and a failure only means that the back-test has more to do.
 */
export function keepColumns({ start, everyMs = EVERY_MS }: KeepColumnsOptions): KeptColumns {
  const ending = new AbortController();
  const rest = (ms: number) => wait(ms, undefined, { ref: false, signal: ending.signal });
  let thread: Thread<ColumnOperations> | undefined;

  async function round(): Promise<void> {
    thread ??= await start();
    for (const block of await thread.call('settled')) {
      const started = performance.now();
      await thread.call('build', block);
      await rest(REST * (performance.now() - started));
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await rest(everyMs);
      await round().catch(() => undefined);
    }
  }
  const running = run().catch(() => undefined);

  return {
    async close() {
      ending.abort();
      await running;
      await thread?.end();
    },
  };
}
