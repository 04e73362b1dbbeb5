import { createHash } from 'node:crypto';

/** A break code of CSS. `subErrcode` is 0 where the documented table has none. */
export interface BreakCode {
  errcode: number;
  subErrcode: number;
}

/**
 * What really happened to a push: it is still `live`, its host `ended` it, it was `broken` against
 * the host's will, or `refused` at its start. CSS does not distinguish `ended` from `broken`.
 */
export type PushOutcome = 'live' | 'ended' | 'broken' | 'refused';

/** One push as the simulated CSS sees it, or a refused try. Times are ms since the epoch. */
export interface Push {
  sequence: string;
  domain: string;
  app: string;
  stream: string;
  /** The simulator's name of the push host that sent it. */
  host: string;
  clientIp: string;
  /** IP of the access point that accepted the push. */
  node: string;
  width: number;
  height: number;
  /** Query part of the push URL. It holds txSecret, so only callbacks and push samples contain it. */
  streamParam: string;
  startedAt: number;
  endedAt?: number;
  code?: BreakCode;
  outcome: PushOutcome;
  /** Time of the last data, when the push is silent. */
  silentFrom?: number;
  /** When the same stream was live again after this broken or refused push. */
  recoveredAt?: number;
}

/** Identifies the stream of a push within the account. */
export function streamKey(push: { domain: string; app: string; stream: string }): string {
  return `${push.domain}/${push.app}/${push.stream}`;
}

/**
 * Builds the query part of a push URL: `txSecret=MD5(key + StreamName + txTime)&txTime=<hex seconds>`.
 *
 * @param expiresAt ms since the epoch; new pushes with this URL are refused from then on
 */
export function pushUrlParam(pushKey: string, stream: string, expiresAt: number): string {
  const txTime = Math.floor(expiresAt / 1000)
    .toString(16)
    .toUpperCase();
  return `txSecret=${txSecret(pushKey, stream, txTime)}&txTime=${txTime}`;
}

/**
 * Checks the query of a push URL as CSS does when a push starts.
 *
 * @returns 0 when it is valid, else the sub code of errcode 18: 500 no txTime, 501 expired,
 * 502 no txSecret, 503 wrong txSecret
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
