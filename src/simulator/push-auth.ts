import { createHash } from 'node:crypto';

/**
 * The query part of a push URL: `txSecret=MD5(key + StreamName + txTime)&txTime=<hex seconds>`.
 *
 * @param expiresAt ms since the epoch at which the URL stops being good for a new push
 */
export function pushUrlParam(pushKey: string, stream: string, expiresAt: number): string {
  const txTime = Math.floor(expiresAt / 1000)
    .toString(16)
    .toUpperCase();
  return `txSecret=${txSecret(pushKey, stream, txTime)}&txTime=${txTime}`;
}

/**
 * Checks a push URL's query as CSS does when a push starts.
 *
 * @returns 0 when it is good, else the sub code of errcode 18: 500 no txTime, 501 expired,
 * 502 no txSecret, 503 txSecret wrong
 */
export function checkPushParam(
  param: string,
  pushKey: string,
  stream: string,
  now: number,
): 0 | 500 | 501 | 502 | 503 {
  const fields = new URLSearchParams(param);
  const txTime = fields.get('txTime');
  const secret = fields.get('txSecret');
  if (!txTime) return 500;
  if (!secret) return 502;
  if (secret !== txSecret(pushKey, stream, txTime)) return 503;
  if (Number.parseInt(txTime, 16) * 1000 <= now) return 501;
  return 0;
}

function txSecret(pushKey: string, stream: string, txTime: string): string {
  return createHash('md5').update(`${pushKey}${stream}${txTime}`).digest('hex');
}
