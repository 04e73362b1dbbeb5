interface Planned {
  at: number;
  order: number;
  task: () => void;
}

/**
 * The plan of a simulated world: tasks by time, run strictly in order. Its own `now` is the time
 * of the task being run, so six hours of history can be played in a moment with true times.
 */
export class Scheduler {
  #heap: Planned[] = [];
  #order = 0;
  #now: number;

  /** @param startAt ms since the epoch at which the world begins */
  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** World time, ms since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** Time of the next task, undefined when nothing is planned. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Plans `task` for `at` (ms since the epoch); a time already past means as soon as possible. */
  at(at: number, task: () => void): void {
    const heap = this.#heap;
    const item = { at: Math.max(at, this.#now), order: this.#order++, task };
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(item, heap[parent] as Planned)) break;
      heap[index] = heap[parent] as Planned;
      index = parent;
    }
    heap[index] = item;
  }

  /** Runs all tasks due up to and including `until`, then sets the world's time to it. */
  runUntil(until: number): void {
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.at > until) break;
      this.#removeFirst();
      this.#now = Math.max(this.#now, first.at);
      first.task();
    }
    this.#now = Math.max(this.#now, until);
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Planned;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Planned, heap[child] as Planned)) {
        child += 1;
      }
      if (!before(heap[child] as Planned, last)) break;
      heap[index] = heap[child] as Planned;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
