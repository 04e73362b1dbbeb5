import { availableParallelism } from 'node:os';
import { startWorker, type WorkerHandle } from '../sqlite/start-worker.ts';
import type { ColumnOperations } from './column-operations.ts';

/** Threads that make blocks; each takes some 200 MB, and a command is to stay below 1 GB. */
const MAX_THREADS = 2;

/** Threads that make files of blocks, begun when there is something to do. */
export class BuilderPool {
  readonly #folder: string;
  readonly #url: URL;
  readonly #waiting: { block: number; resolve: () => void; reject: (error: unknown) => void }[] =
    [];
  readonly #threads: Promise<void>[] = [];
  /** Threads that have nothing to do but wait for their end. */
  readonly #idle: WorkerHandle<ColumnOperations>[] = [];

  /**
   * @param folder - the data folder
   * @param url - the worker's file
   */
  constructor(folder: string, url: URL) {
    this.#folder = folder;
    this.#url = url;
  }

  /**
   * Makes the file of a block anew, after those asked for before.
   *
   * @throws `STORE_FAILED`
   */
  build(block: number): Promise<void> {
    const built = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ block, resolve, reject });
    });
    if (this.#threads.length < Math.min(availableParallelism(), MAX_THREADS)) {
      const thread = this.#work().finally(() => {
        this.#threads.splice(this.#threads.indexOf(thread), 1);
      });
      this.#threads.push(thread);
    }
    return built;
  }

  /** Works until nothing waits. It never fails: whoever waits for a block hears of it. */
  async #work(): Promise<void> {
    let worker: WorkerHandle<ColumnOperations> | undefined;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { block, resolve, reject } = next;
      try {
        worker ??= this.#idle.pop() ?? (await this.#start());
        await worker.call('build', block);
        resolve();
      } catch (thrown) {
        reject(thrown);
      }
    }
    if (worker) {
      this.#idle.push(worker);
    }
  }

  #start(): Promise<WorkerHandle<ColumnOperations>> {
    return startWorker<ColumnOperations>(this.#url, {
      role: 'columns',
      folder: this.#folder,
      synchronous: 'normal',
    });
  }

  /** Leaves what still waits undone and lets the blocks in hand be finished. */
  async close(): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new Error('closed'));
    }
    await Promise.all(this.#threads);
    await Promise.all(this.#idle.splice(0).map((worker) => worker.end()));
  }
}
