/** The time functions that the simulator uses. Tests can replace them. */
export interface Clock {
  /** Now, ms since the epoch, UTC. */
  now(): number;
  /** Calls `task` once after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

const maxTimeout = 2_000_000_000;

/** The system clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), maxTimeout));
    return () => clearTimeout(timer);
  },
};

interface PendingTimer {
  at: number;
  order: number;
  task: () => void;
}

/** A clock that only moves when {@link VirtualClock.advance} is called. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #timers: PendingTimer[] = [];

  /** @param startAt ms since the epoch */
  constructor(startAt: number) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(delayMs, 0), order: this.#order++, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Advances time by `ms` and calls every timer that becomes due, each at its own time. */
  advance(ms: number): void {
    const target = this.#now + ms;
    for (;;) {
      let next: PendingTimer | undefined;
      for (const timer of this.#timers) {
        if (timer.at > target) continue;
        if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) {
          next = timer;
        }
      }
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
    this.#now = target;
  }
}

interface ScheduledTask {
  at: number;
  order: number;
  task: () => void;
}

/**
 * Runs scheduled tasks strictly in order of time. `now` is the time of the running task, so six
 * hours of history run in a moment and still have correct times.
 */
export class Scheduler {
  #heap: ScheduledTask[] = [];
  #order = 0;
  #now: number;

  /** @param startAt first time of the world, ms since the epoch */
  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** World time, ms since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** Time of the next task; undefined when nothing is scheduled. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Schedules `task` at a time (ms since the epoch). A task in the past runs as soon as possible. */
  at(at: number, task: () => void): void {
    const heap = this.#heap;
    const item = { at: Math.max(at, this.#now), order: this.#order++, task };
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(item, heap[parent] as ScheduledTask)) break;
      heap[index] = heap[parent] as ScheduledTask;
      index = parent;
    }
    heap[index] = item;
  }

  /** Runs all tasks that are due until `until` (included), then sets `now` to it. */
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
    const last = heap.pop() as ScheduledTask;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        before(heap[child + 1] as ScheduledTask, heap[child] as ScheduledTask)
      ) {
        child += 1;
      }
      if (!before(heap[child] as ScheduledTask, last)) break;
      heap[index] = heap[child] as ScheduledTask;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: ScheduledTask, b: ScheduledTask): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
