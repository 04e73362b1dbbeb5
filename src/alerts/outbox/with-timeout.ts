import { formatMs } from '../../model/time.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/**
 * Runs a request to a receiver with a timeout, which also works when the request ignores its signal.
 *
 * @param channel - name of the channel, for the error
 * @param end - aborts the request before the timeout
 * @throws `NOTIFICATION_FAILED` on timeout or abort; otherwise errors of `run`
 */
export async function withTimeout<T>(
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
  const timer = setTimeout(() => stop(`no answer within ${formatMs(timeoutMs)}`), timeoutMs);
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
