import type { OperationsOf, Remote } from './channel.ts';
import type { Thread } from './start-thread.ts';

/** Threads that share a queue of calls; each is started when there is something for it to do. */
export class ThreadPool<O extends OperationsOf<O>> {
  readonly #start: () => Promise<Thread<O>>;
  readonly #maxThreads: number;
  readonly #queue: {
    run: (thread: Thread<O>) => Promise<void>;
    reject: (error: unknown) => void;
  }[] = [];
  readonly #working = new Set<Promise<void>>();
  readonly #idle: Thread<O>[] = [];

  /** @param start - starts one of the threads */
  constructor(start: () => Promise<Thread<O>>, maxThreads: number) {
    this.#start = start;
    this.#maxThreads = maxThreads;
  }

  /**
   * Calls an operation on the first thread that is free.
   *
   * @throws the error of the operation, or of a thread that cannot start
   */
  readonly call = ((operation: keyof O & string, ...args: never) => {
    const answered = Promise.withResolvers<unknown>();
    this.#queue.push({
      run: (thread) => thread.call(operation, ...args).then(answered.resolve),
      reject: answered.reject,
    });
    if (this.#working.size < this.#maxThreads) {
      const working = this.#work().finally(() => this.#working.delete(working));
      this.#working.add(working);
    }
    return answered.promise;
  }) as Remote<O>['call'];

  /** Runs calls until none waits. Never throws: each caller gets its own error. */
  async #work(): Promise<void> {
    let thread: Thread<O> | undefined;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        thread ??= this.#idle.pop() ?? (await this.#start());
        await next.run(thread);
      } catch (thrown) {
        next.reject(thrown);
      }
    }
    if (thread) {
      this.#idle.push(thread);
    }
  }

  /** Fails the calls that still wait, lets the others finish and ends the threads. */
  async close(): Promise<void> {
    for (const { reject } of this.#queue.splice(0)) {
      reject(new Error('The pool of threads is closed.'));
    }
    await Promise.all(this.#working);
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }
}
