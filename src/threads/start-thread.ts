import { setFlagsFromString } from 'node:v8';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { ErrorCode } from '../model/error-catalogue.ts';
import type { BreakwatchError } from '../model/errors.ts';
import { type Backoff, backoffMs } from '../model/time.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import {
  Channel,
  type Message,
  type Operations,
  type OperationsOf,
  type Remote,
  uncarry,
} from './channel.ts';

/** How a thread is started and supervised. */
export interface ThreadOptions {
  /** The thread's file. */
  url: URL;
  /** Names the thread in errors and, after `breakwatch-`, in lists of threads. */
  name: string;
  /** Returns what the thread starts with; called again for each replacement. */
  data: () => unknown;
  /** What the thread may call on this side. */
  operations?: Operations;
  /** The code of errors about a thread that has stopped; `STORE_FAILED` when absent. */
  errorCode?: ErrorCode;
  /** In a server, the young generation has 12 MB when none is named; see {@link limitsOf}. */
  resourceLimits?: ResourceLimits;
  /** Called each time a thread is set up: the first one and every replacement. */
  onReady?: () => void;
  /** Called when a thread stops unexpectedly. A replacement follows. */
  onStop?: (error: BreakwatchError) => void;
  /** Tries again when the first start fails. Without it that failure is final. */
  retryFirstStart?: boolean;
  /** Terminates a thread that has not ended this many ms after it was asked to; never when absent. */
  terminateAfterMs?: number;
}

/** A thread that runs until it is ended; one that stops is replaced. */
export interface Thread<O> extends Remote<O> {
  /** Resolves when the first thread is set up; rejects with the reason when it cannot be. */
  readonly ready: Promise<void>;
  /** Lets the thread finish what it was asked before, and waits for its exit. */
  end(): Promise<void>;
}

const RESTART: Backoff = { firstMs: 1_000, maxMs: 30_000 };
/** A thread that ran this long, ms, did not fail at once: the next wait is short again. */
const HEALTHY_MS = 60_000;

/** The flag with which a server starts, so that the main thread's young generation stays small. */
const SMALL_HEAP_FLAG = '--max-semi-space-size';
/** A young generation of that size, MB: two halves of 4 MB, and as much for large objects. */
const SMALL_YOUNG_MB = 12;

/**
 * Returns the limits of a thread. V8 prefers the flag to the limits of every thread, so it is taken back once the main
 * thread has its heap, and the threads that name no young generation of their own get the same.
 */
function limitsOf(wanted: ResourceLimits | undefined): { resourceLimits?: ResourceLimits } {
  if (!process.execArgv.some((flag) => flag.startsWith(SMALL_HEAP_FLAG))) {
    return wanted ? { resourceLimits: wanted } : {};
  }
  setFlagsFromString(`${SMALL_HEAP_FLAG}=0`);
  return { resourceLimits: { maxYoungGenerationSizeMb: SMALL_YOUNG_MB, ...wanted } };
}

/**
 * Starts a thread and replaces it whenever it stops, after a wait that grows with each failure in a
 * row. Calls that a stopped thread has not answered fail, and so do later ones until its replacement
 * starts.
 */
export function startThread<O extends OperationsOf<O>>(options: ThreadOptions): Thread<O> {
  const { url, name, errorCode = 'STORE_FAILED' } = options;
  const ready = Promise.withResolvers<void>();
  // The caller may look at it later or never.
  ready.promise.catch(() => undefined);
  let wasReady = false;
  let failures = 0;
  let ending: Promise<void> | undefined;
  let restart: NodeJS.Timeout | undefined;
  let current = start();

  function failure(problem: string, cause?: unknown): BreakwatchError {
    return maskedError(errorCode, { problem: `the thread "${name}" ${problem}` }, { cause });
  }

  function start() {
    const worker = new Worker(url, {
      workerData: options.data(),
      name: `breakwatch-${name}`,
      ...limitsOf(options.resourceLimits),
      // Flags of the main thread, such as --input-type, are not for this file.
      execArgv: [],
    });
    const channel = new Channel(
      (message, transfer) => worker.postMessage(message, transfer),
      asBreakwatchError,
    );
    let problem = failure('has ended');
    let readyAt: number | undefined;
    worker.on('message', (message: Message) => {
      if ('calls' in message) {
        channel.serve(options.operations ?? {}, message.calls);
      } else if ('answers' in message) {
        channel.settle(message.answers);
      } else if ('ready' in message) {
        wasReady = true;
        readyAt = performance.now();
        ready.resolve();
        options.onReady?.();
      } else if ('failed' in message) {
        problem = uncarry(message.failed);
      }
    });
    worker.once('error', (thrown) => {
      problem = failure(
        `stopped: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        thrown,
      );
    });
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        channel.fail(problem);
        ready.reject(problem);
        resolve();
        if (!ending && (wasReady || options.retryFirstStart)) {
          const isHealthy = readyAt !== undefined && performance.now() - readyAt >= HEALTHY_MS;
          failures = isHealthy ? 1 : failures + 1;
          restart = setTimeout(
            () => {
              current = start();
            },
            backoffMs(RESTART, failures),
          );
          options.onStop?.(problem);
        }
      });
    });
    return { worker, channel, exited };
  }

  async function end(): Promise<void> {
    clearTimeout(restart);
    const { worker, channel, exited } = current;
    channel.close(failure('is closed'));
    worker.postMessage({ end: true } satisfies Message);
    const { terminateAfterMs } = options;
    const timer =
      terminateAfterMs === undefined
        ? undefined
        : setTimeout(() => void worker.terminate(), terminateAfterMs);
    await exited;
    clearTimeout(timer);
  }

  return {
    ready: ready.promise,
    call: ((operation: string, ...args: unknown[]) =>
      current.channel.call(operation, args)) as Thread<O>['call'],
    notify: ((operation: string, ...args: unknown[]) =>
      current.channel.notify(operation, args)) as Thread<O>['notify'],
    end() {
      ending ??= end();
      return ending;
    },
  };
}
