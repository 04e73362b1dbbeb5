import { Worker } from 'node:worker_threads';
import { BreakwatchError } from '../../model/errors.ts';
import type { Answer, Call, FromWorker, ToWorker, WorkerOrder } from './worker-messages.ts';

type Operations = Record<string, (...args: never[]) => unknown>;

/** A worker as its users see it: its operations, asynchronous. */
export interface WorkerHandle<O> {
  call<Name extends keyof O & string>(
    operation: Name,
    ...args: O[Name] extends (...args: infer Args) => unknown ? Args : never
  ): Promise<O[Name] extends (...args: never[]) => infer Result ? Result : never>;
  /** Lets it finish its work and waits for its end. */
  end(): Promise<void>;
}

/** A thread that stops is replaced after this, ms. */
const RESTART_AFTER_MS = 1_000;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: BreakwatchError) => void;
}

function failure(problem: string, cause?: unknown): BreakwatchError {
  return new BreakwatchError('STORE_FAILED', { problem }, { cause });
}

/**
 * Starts a thread with one connection and waits until it is ready. When it stops later on, calls in
 * hand fail, and others until another thread has taken its place.
 *
 * @param url - the worker's file: TypeScript source, or its bundle
 * @throws what the worker reports: `STORE_TOO_OLD`, `STORE_TOO_NEW`, `STORE_FAILED`
 */
export async function startWorker<O extends { [Name in keyof O]: Operations[string] }>(
  url: URL,
  order: WorkerOrder,
): Promise<WorkerHandle<O>> {
  const waiting = new Map<number, Waiting>();
  let outbox: Call[] = [];
  let lastId = 0;
  /** Why it takes no calls: it is closed, or its thread has stopped and another starts. */
  let over: BreakwatchError | undefined;
  let closing = false;
  let restart: NodeJS.Timeout | undefined;
  let thread = begin(false);

  function giveUp(error: BreakwatchError): void {
    over ??= error;
    for (const { reject } of waiting.values()) {
      reject(over);
    }
    waiting.clear();
  }

  function send(message: ToWorker): void {
    thread.worker.postMessage(message);
  }

  function post(): void {
    const calls = outbox;
    outbox = [];
    try {
      send({ calls });
    } catch (thrown) {
      for (const call of calls) {
        waiting.get(call.id)?.reject(failure((thrown as Error).message, thrown));
        waiting.delete(call.id);
      }
    }
  }

  /** @param isAgain - in place of one that has stopped */
  function begin(isAgain: boolean) {
    const worker = new Worker(url, {
      workerData: order,
      name: `breakwatch-${order.role}`,
      // Flags of the main thread, such as --input-type, are not for this file.
      execArgv: [],
    });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    let wasReady = isAgain;
    const ready = new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if ('ready' in message) {
          wasReady = true;
          resolve();
        } else if ('failed' in message) {
          reject(new BreakwatchError(message.failed.code, message.failed.details));
        } else {
          take(message.answers);
        }
      });
      worker.once('error', (thrown) => {
        const problem = thrown instanceof Error ? thrown.message : String(thrown);
        const error = failure(`its ${order.role} stopped: ${problem}`, thrown);
        reject(error);
        giveUp(error);
      });
      worker.once('exit', () => {
        const error = failure(`its ${order.role} has ended`);
        reject(error);
        giveUp(error);
        if (wasReady && !closing) {
          restart = setTimeout(replace, RESTART_AFTER_MS);
        }
      });
    });
    return { worker, ended, ready };
  }

  /** A thread that has run out of memory, say, takes what it had in hand with it, and no more. */
  function replace(): void {
    thread = begin(true);
    thread.ready.then(
      () => {
        if (!closing) {
          over = undefined;
        }
      },
      // Its exit starts the next one.
      () => undefined,
    );
  }

  function take(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const caller = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('error' in answer) {
        caller?.reject(new BreakwatchError(answer.error.code, answer.error.details));
      } else {
        caller?.resolve(answer.value);
      }
    }
  }

  await thread.ready;

  return {
    call(operation, ...args) {
      if (over !== undefined) {
        return Promise.reject(over);
      }
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        outbox.push({ id, operation, args });
        if (outbox.length === 1) {
          // What one turn of the event loop brings travels as one message.
          setImmediate(post);
        }
      });
    },
    async end() {
      if (!closing) {
        closing = true;
        clearTimeout(restart);
        if (outbox.length > 0) {
          post();
        }
        over ??= failure('it is closed');
        send({ end: true });
      }
      await thread.ended;
    },
  };
}
