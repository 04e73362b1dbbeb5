import { maskedError } from '../secrets/masked-error.ts';

/** How many questions are worked on at a time; the usual ones when absent. */
export interface QueryGateOptions {
  atOnce?: number;
  /** More than these are refused. */
  maxWaiting?: number;
  /** Whoever has waited for so long, ms, is refused. */
  maxWaitMs?: number;
}

/** Keeps questions that read much from filling the memory and from delaying callbacks. */
export interface QueryGate {
  /**
   * Does the work when its turn has come.
   *
   * @param signal - the caller no longer waits
   * @throws `SERVER_BUSY`, the signal's reason, what the work throws
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Refuses all that wait, and whoever comes from now on. */
  close(): void;
}

/** One reads while another is put together and a third is sent. */
const AT_ONCE = 3;
const MAX_WAITING = 60;
const MAX_WAIT_MS = 15_000;

/**
 * Makes a gate. Panels that are asked for faster than they can be answered would otherwise pile up,
 * each with all that it has read, until nothing else gets its turn.
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
