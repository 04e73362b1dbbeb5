/**
 * A thread that answers, fails, waits or stops on request.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { BreakwatchError } from '../../src/model/errors.ts';
import { type Remote, Transferred } from '../../src/threads/channel.ts';
import { runThread, type ThreadWork } from '../../src/threads/run-thread.ts';

/** What the thread calls on the side that started it. */
export interface Main {
  double(n: number): Promise<number>;
  note(text: string): void;
}

function setUp({ broken }: { broken?: boolean }, main: Remote<Main>) {
  if (broken) {
    throw new BreakwatchError('STORE_FULL', { problem: 'no room' });
  }
  let bytes = new Float64Array(0);
  const operations = {
    thread: () => threadId,
    note: (text: string) => main.notify('note', text),
    refuse: (id: string): void => {
      throw new BreakwatchError('UNKNOWN_BREAK', { id });
    },
    later: async (ms: number, text: string) => {
      await wait(ms);
      return text;
    },
    double: (n: number) => main.call('double', n),
    unclonable: () => () => undefined,
    moved: () => {
      bytes = Float64Array.of(1, 2, 3);
      return new Transferred({ bytes }, [bytes.buffer]);
    },
    left: () => bytes.byteLength,
    die: () => {
      process.exit(1);
    },
    hang: () => {
      for (;;) {
        // Blocks the event loop forever.
      }
    },
  };
  return { operations, end: () => main.notify('note', 'ended') } satisfies ThreadWork;
}

/** What the thread does when it is called. */
export type WorkerOperations = ReturnType<typeof setUp>['operations'];

runThread(setUp);
