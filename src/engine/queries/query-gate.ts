import { maskedError } from '../../secrets/masked-error.ts';

/** Limits of a gate. */
export interface QueryGateOptions {
  /** Requests that are worked on at the same time; 3 when absent. */
  atOnce?: number;
  /** Requests that can wait; more are refused. 60 when absent. */
  maxWaiting?: number;
  /** A request that has waited this long, ms, is refused; 15 s when absent. */
  maxWaitMs?: number;
}

/** Limits the requests that read much, so that they neither fill the memory nor delay callbacks. */
export interface QueryGate {
  /**
   * Runs the work when its turn comes.
   *
   * @param signal - aborted when the client disconnects
   * @throws `SERVER_BUSY`, the signal's reason, what the work throws
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Refuses all waiting and all further requests. */
  close(): void;
}

/** One request reads while the answer of another is built and a third is sent. */
const AT_ONCE = 3;
const MAX_WAITING = 60;
const MAX_WAIT_MS = 15_000;

/**
 * Creates a gate. Without it, panels that refresh faster than they can be answered would pile up, each
 * with the data it has read, until nothing else runs.
 */
export function createQueryGate(options: QueryGateOptions = {}): QueryGate {
  const { atOnce = AT_ONCE, maxWaiting = MAX_WAITING, maxWaitMs = MAX_WAIT_MS } = options;
  const waiting = new Set<{ go: () => void; refuse: () => void }>();
  let working = 0;
  let closed = false;

  const busy = () => maskedError('SERVER_BUSY', { waiting: waiting.size });

  function turn(signal: AbortSignal | undefined): Promise<void> {
    if (working < atOnce) {
      working += 1;
      return Promise.resolve();
    }
    if (waiting.size >= maxWaiting) {
      return Promise.reject(busy());
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(one);
        clearTimeout(timer);
        signal?.removeEventListener('abort', gone);
      };
      const one = {
        go: () => {
          leave();
          working += 1;
          resolve();
        },
        refuse: () => {
          const error = busy();
          leave();
          reject(error);
        },
      };
      const gone = () => {
        leave();
        reject(signal?.reason);
      };
      const timer = setTimeout(one.refuse, maxWaitMs);
      timer.unref();
      signal?.addEventListener('abort', gone, { once: true });
      waiting.add(one);
    });
  }

  return {
    async run(work, signal) {
      signal?.throwIfAborted();
      if (closed) {
        throw busy();
      }
      await turn(signal);
      try {
        return await work();
      } finally {
        working -= 1;
        const [next] = waiting;
        next?.go();
      }
    },
    close() {
      closed = true;
      for (const { refuse } of [...waiting]) {
        refuse();
      }
    },
  };
}
