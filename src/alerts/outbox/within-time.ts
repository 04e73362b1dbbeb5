import { maskedError } from '../../secrets/masked-error.ts';

/**
 * Runs something that talks to a receiver and waits for it no longer than that, whether or not it
 * heeds its signal.
 *
 * @param channel - name of the way out, for the error
 * @param end - ends it before its time
 * @throws `NOTIFICATION_FAILED` when time is up, else what `run` throws
 */
export async function withinTime<T>(
  channel: string,
  timeoutMs: number,
  end: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const over = Promise.withResolvers<never>();
  const stop = (problem: string) => {
    over.reject(maskedError('NOTIFICATION_FAILED', { channel, problem }));
    abort.abort();
  };
  const timer = setTimeout(() => stop(`no answer within ${timeoutMs} ms`), timeoutMs);
  const onEnd = () => stop('Breakwatch is being stopped');
  end.addEventListener('abort', onEnd, { once: true });
  if (end.aborted) {
    onEnd();
  }
  try {
    return await Promise.race([over.promise, run(abort.signal)]);
  } finally {
    clearTimeout(timer);
    end.removeEventListener('abort', onEnd);
  }
}
