import { createHash, timingSafeEqual } from 'node:crypto';
import { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { CallbackMessage } from './parse-callback.ts';

/** CSS sets t ten minutes ahead; a t further ahead than this, in s, would let a message be replayed. */
const FURTHEST_AHEAD_S = 86_400;

/**
 * Checks that a callback comes from CSS and is not a replay: `sign` is the MD5 of key + t in
 * lower-case hex, and t is not past (source: the callback documents of product 267). Any of several
 * keys may fit, as two are valid while a key is being changed. Takes the same time whatever differs.
 *
 * @param account - name of the account, for the error
 * @param now - epoch ms UTC
 * @throws `CALLBACK_UNSIGNED`, `CALLBACK_NO_KEY`, `CALLBACK_BAD_SIGN`, `CALLBACK_EXPIRED`, or
 * `CALLBACK_BAD_FIELD` for a t that lies more than a day ahead
 */
export function verifyCallback(
  message: CallbackMessage,
  keys: readonly string[],
  account: string,
  now: number,
): void {
  const { sign, signedT, t } = message;
  if (sign === null || signedT === null || t === null) {
    throw new BreakwatchError('CALLBACK_UNSIGNED');
  }
  const usable = keys.filter((key) => key !== '');
  if (usable.length === 0) {
    throw maskedError('CALLBACK_NO_KEY', { account });
  }
  const given = digest(sign);
  let fits = false;
  for (const key of usable) {
    const wanted = createHash('md5').update(`${key}${signedT}`).digest('hex');
    fits = timingSafeEqual(given, digest(wanted)) || fits;
  }
  if (!fits) {
    throw maskedError('CALLBACK_BAD_SIGN', { account });
  }
  const secondsAgo = Math.floor(now / 1000) - t;
  if (secondsAgo > 0) {
    throw maskedError('CALLBACK_EXPIRED', { secondsAgo });
  }
  if (-secondsAgo > FURTHEST_AHEAD_S) {
    throw maskedError('CALLBACK_BAD_FIELD', {
      field: 't',
      problem: 'lies more than a day ahead',
    });
  }
}

/** Texts of any length become comparable in constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
