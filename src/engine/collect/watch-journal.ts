import type { AnswerError } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';

/** Interval between attempts to write after a failure, ms. */
const RETRY_MS = 5_000;

/** The journal's write side, and whether its last write succeeded. */
export interface WatchedJournal {
  /** As `Store.append`. @throws `STORE_*` */
  append: Store['append'];
  /** Why the last write failed; null when it succeeded. */
  error(): AnswerError | null;
  /** Stops the attempts. */
  close(): void;
}

/**
 * Watches the writes to a journal. After a failure it tries a small write every five seconds, because a
 * server that is not ready gets no callbacks that would show that the disk works again.
 *
 * @param retryMs - interval between attempts, ms
 */
export function watchJournal(
  store: Pick<Store, 'append' | 'tryJournal'>,
  retryMs = RETRY_MS,
): WatchedJournal {
  let error: AnswerError | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function watched<T>(write: () => Promise<T>): Promise<T> {
    try {
      const result = await write();
      error = null;
      return result;
    } catch (thrown) {
      error = asBreakwatchError(thrown).toAnswer();
      retryLater();
      throw thrown;
    }
  }

  function retryLater(): void {
    if (timer || closed) {
      return;
    }
    timer = setTimeout(async () => {
      if (error) {
        await watched(() => store.tryJournal()).catch(() => undefined);
      }
      timer = undefined;
      if (error) {
        retryLater();
      }
    }, retryMs);
    timer.unref();
  }

  return {
    append: (entries) => watched(() => store.append(entries)),
    error: () => error,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
