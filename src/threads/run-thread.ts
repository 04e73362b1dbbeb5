import module from 'node:module';
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { BreakwatchError } from '../model/errors.ts';
import { asBreakwatchError } from '../secrets/masked-error.ts';
import {
  type Answer,
  type Call,
  Channel,
  carry,
  type Message,
  type Operations,
  type OperationsOf,
  type Remote,
} from './channel.ts';

/** What a thread does. */
export interface ThreadWork {
  /** What can be called; or what runs the calls of a message in its own order and answers them. */
  operations: Operations | ((calls: Call[], answer: (answers: Answer[]) => void) => void);
  /** Called once, after everything sent before; the thread exits when it is done. */
  end: () => void | Promise<void>;
}

/**
 * Runs this file's thread, the other end of {@link startThread}. Does nothing on the main thread, so
 * that the file can be imported there.
 *
 * @param setUp - gets what the thread is started with and the side that started it; what it throws
 *   ends the thread
 * @param toError - makes a coded error of what an operation throws
 */
export function runThread<Data, M extends OperationsOf<M>>(
  setUp: (data: Data, main: Remote<M>) => ThreadWork,
  toError: (thrown: unknown) => BreakwatchError = asBreakwatchError,
): void {
  const port = parentPort;
  if (port === null) {
    return;
  }
  const post = (message: Message, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  const channel = new Channel(post, toError);
  const main: Remote<M> = {
    call: ((operation: string, ...args: unknown[]) =>
      channel.call(operation, args)) as Remote<M>['call'],
    notify: ((operation: string, ...args: unknown[]) =>
      channel.notify(operation, args)) as Remote<M>['notify'],
  };
  let work: ThreadWork;
  try {
    work = setUp(workerData as Data, main);
  } catch (thrown) {
    post({ failed: carry(toError(thrown)) });
    port.close();
    return;
  }
  const { operations } = work;
  const run =
    typeof operations === 'function'
      ? (calls: Call[]) => operations(calls, (answers) => channel.answer(answers))
      : (calls: Call[]) => channel.serve(operations, calls);
  port.on('message', (message: Message) => {
    if ('calls' in message) {
      run(message.calls);
    } else if ('answers' in message) {
      channel.settle(message.answers);
    } else if ('end' in message) {
      void Promise.resolve(work.end()).finally(() => port.close());
    }
  });
  post({ ready: true });
  saveCompiledCode();
}

/**
 * Writes what this thread compiled to the compile cache, if that is enabled. Node does so only at a clean
 * exit, so after a kill the next start would compile everything again.
 */
export function saveCompiledCode(): void {
  module.flushCompileCache();
}

const LOW_PRIORITY = constants.priority.PRIORITY_BELOW_NORMAL;

/**
 * Lowers the priority of the calling thread. On Linux, a priority belongs to a thread. On other systems it
 * belongs to the whole process, so there this does nothing.
 */
export function lowerPriority(): void {
  if (process.platform !== 'linux') {
    return;
  }
  try {
    // A greater number is a lower priority.
    if (getPriority(0) < LOW_PRIORITY) {
      setPriority(0, LOW_PRIORITY);
    }
  } catch {
    // Some sandboxes forbid it; then all threads have the same priority.
  }
}
