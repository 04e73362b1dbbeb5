import { Worker } from 'node:worker_threads';
import { BreakwatchError } from '../../model/errors.ts';
import type { Call, FromWorker, ToWorker, WorkerOrder } from './worker-messages.ts';

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

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: BreakwatchError) => void;
}

function failure(problem: string, cause?: unknown): BreakwatchError {
  return new BreakwatchError('STORE_FAILED', { problem }, { cause });
}

/**
 * Starts a thread with one connection and waits until it is ready.
 *
 * @param url - the worker's file: TypeScript source, or its bundle
 * @throws what the worker reports: `STORE_TOO_NEW`, `STORE_FAILED`
 */
export async function startWorker<O extends { [Name in keyof O]: Operations[string] }>(
  url: URL,
  order: WorkerOrder,
): Promise<WorkerHandle<O>> {
  const worker = new Worker(url, {
    workerData: order,
    name: `breakwatch-${order.role}`,
    // Flags of the main thread, such as --input-type, are not for this file.
    execArgv: [],
  });
  const waiting = new Map<number, Waiting>();
  let outbox: Call[] = [];
  let lastId = 0;
  let over: BreakwatchError | undefined;

  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  function giveUp(error: BreakwatchError): void {
    over ??= error;
    for (const { reject } of waiting.values()) {
      reject(over);
    }
    waiting.clear();
  }

  function send(message: ToWorker): void {
    worker.postMessage(message);
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

  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if ('ready' in message) {
        resolve();
      } else if ('failed' in message) {
        reject(new BreakwatchError(message.failed.code, message.failed.details));
      } else {
        for (const answer of message.answers) {
          const caller = waiting.get(answer.id);
          waiting.delete(answer.id);
          if ('error' in answer) {
            caller?.reject(new BreakwatchError(answer.error.code, answer.error.details));
          } else {
            caller?.resolve(answer.value);
          }
        }
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
    });
  });
  await ready;

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
      if (over === undefined) {
        if (outbox.length > 0) {
          post();
        }
        over = failure('it is closed');
        send({ end: true });
      }
      await ended;
    },
  };
}
