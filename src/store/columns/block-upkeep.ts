import { setTimeout as wait } from 'node:timers/promises';
import type { Thread } from '../../threads/start-thread.ts';
import type { ColumnOperations } from './column-operations.ts';

/** Interval between checks for outdated blocks, ms. */
const INTERVAL_MS = 60_000;
/** Pause after a block, as a multiple of the time it took, so that other work gets the CPU. */
const PAUSE_FACTOR = 4;

/** Rebuilds block files in the background. */
export interface BlockUpkeep {
  /** Stops after the block in progress. */
  close(): Promise<void>;
}

/** Options of the upkeep. */
export interface BlockUpkeepOptions {
  /** Starts the thread that builds blocks; called before the first check. */
  start: () => Promise<Thread<ColumnOperations>>;
  /** Interval between checks, ms; 60,000 when absent. */
  intervalMs?: number;
}

/**
 * Builds the files of full blocks, so that a back-test finds them ready. It runs slowly on its own
 * thread. Errors are ignored, because a back-test builds missing files itself.
 */
export function startBlockUpkeep({
  start,
  intervalMs = INTERVAL_MS,
}: BlockUpkeepOptions): BlockUpkeep {
  const ending = new AbortController();
  const pause = (ms: number) => wait(ms, undefined, { ref: false, signal: ending.signal });
  let thread: Thread<ColumnOperations> | undefined;

  async function round(): Promise<void> {
    thread ??= await start();
    for (const block of await thread.call('blocksToBuild')) {
      const started = performance.now();
      await thread.call('build', block);
      await pause(PAUSE_FACTOR * (performance.now() - started));
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await pause(intervalMs);
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
