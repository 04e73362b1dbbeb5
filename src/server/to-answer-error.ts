import { BreakwatchError } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** An error that Fastify itself throws. */
interface HttpError {
  code?: string;
  statusCode?: number;
  message?: string;
}

/**
 * Makes a catalogued error from anything that a request threw.
 *
 * @param bodyLimit - of the route, in bytes
 */
export function toAnswerError(thrown: unknown, bodyLimit: number): BreakwatchError {
  if (thrown instanceof BreakwatchError) {
    return thrown;
  }
  const { code, statusCode = 500, message = '' } = (thrown ?? {}) as HttpError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return maskedError('BODY_TOO_LARGE', { limitBytes: bodyLimit });
  }
  if (code === 'ECONNRESET' && statusCode === 400) {
    return maskedError('BAD_JSON', {
      problem: 'the connection was closed before the end of the body.',
    });
  }
  if (statusCode >= 400 && statusCode < 500) {
    // Fastify's messages name a header or quote the address, never the body.
    const problem = message.replace(/^'.*'(?= )/s, 'the address');
    return maskedError('BAD_QUERY', { problem });
  }
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  // The message may quote the request; the log has the place in the code instead.
  return maskedError('INTERNAL', { problem: `unexpected ${name}` }, { cause: thrown });
}

/** The first stack frames of an unexpected error, without its message. */
export function placeOf(error: BreakwatchError): string {
  const stack = error.cause instanceof Error ? (error.cause.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames
    .slice(0, 4)
    .map((line) => line.trim())
    .join(' ');
}
