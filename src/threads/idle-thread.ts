import type { OperationsOf } from './channel.ts';
import { startThread, type Thread, type ThreadOptions } from './start-thread.ts';

/** A thread that is there while it is needed, and for a while afterwards. */
export interface IdleThread<O> {
  /**
   * Does work on the thread, which is started when there is none.
   *
   * @throws what the work throws, and why the thread cannot start
   */
  use<T>(work: (thread: Thread<O>) => Promise<T>): Promise<T>;
  /** Ends the thread, if there is one. */
  end(): Promise<void>;
}

/**
 * Keeps a thread for work that comes seldom and then several times: its memory is free between, and only the first
 * work waits for its start.
 *
 * @param idleMs - the thread ends after this time without work, ms
 */
export function keepIdleThread<O extends OperationsOf<O>>(
  options: ThreadOptions,
  idleMs: number,
): IdleThread<O> {
  let thread: Thread<O> | undefined;
  let atWork = 0;
  let idle: NodeJS.Timeout | undefined;

  function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    return ending?.end() ?? Promise.resolve();
  }

  return {
    async use(work) {
      clearTimeout(idle);
      atWork += 1;
      try {
        thread ??= startThread<O>(options);
        return await work(thread);
      } finally {
        atWork -= 1;
        if (atWork === 0) {
          idle = setTimeout(() => void end(), idleMs);
          idle.unref();
        }
      }
    },
    end,
  };
}
