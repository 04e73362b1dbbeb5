/** Runs a limited number of tasks at once. After the first failure it starts no other task. */
export class BoundedQueue {
  readonly #atOnce: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { thrown: unknown } | undefined;

  /** @param atOnce - maximum number of tasks in progress */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Starts a task, and resolves when another one could be started.
   *
   * @throws the error of an earlier task
   */
  async add(task: () => Promise<void>): Promise<void> {
    this.#check();
    const running = task()
      .catch((thrown: unknown) => {
        this.#failure ??= { thrown };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    if (this.#running.size >= this.#atOnce) {
      await Promise.race(this.#running);
      this.#check();
    }
  }

  /**
   * Resolves when all tasks have ended.
   *
   * @throws the error of a task
   */
  async end(): Promise<void> {
    await Promise.all(this.#running);
    this.#check();
  }

  #check(): void {
    if (this.#failure) {
      throw this.#failure.thrown;
    }
  }
}
