import { createHash, timingSafeEqual } from 'node:crypto';
import { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { CallbackMessage } from './parse-callback.ts';

/** CSS sets `t` ten minutes ahead. A `t` further ahead than this, s, would allow replays for too long. */
const MAX_AHEAD_S = 86_400;

/**
 * Checks that a callback comes from CSS and is not a replay: `sign` must be the MD5 of key + `t` in
 * lower-case hex, and `t` must not have passed (source: callback documents of product 267). Any of
 * the keys may match, because two are valid while a key is changed. Compares in constant time.
 *
 * @param account - account name, for error messages
 * @param now - epoch ms UTC
 * @throws `CALLBACK_UNSIGNED`, `CALLBACK_NO_KEY`, `CALLBACK_BAD_SIGN`, `CALLBACK_EXPIRED`, or
 * `CALLBACK_BAD_FIELD` for a `t` more than a day ahead
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
  let matches = false;
  for (const key of usable) {
    const wanted = createHash('md5').update(`${key}${signedT}`).digest('hex');
    matches = timingSafeEqual(given, digest(wanted)) || matches;
  }
  if (!matches) {
    throw maskedError('CALLBACK_BAD_SIGN', { account });
  }
  const secondsAgo = Math.floor(now / 1000) - t;
  if (secondsAgo > 0) {
    throw maskedError('CALLBACK_EXPIRED', { secondsAgo });
  }
  if (-secondsAgo > MAX_AHEAD_S) {
    throw maskedError('CALLBACK_BAD_FIELD', {
      field: 't',
      problem: 'is more than a day ahead',
    });
  }
}

/** Makes strings of any length comparable in constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
