/** A break code of CSS; `subErrcode` is 0 where the documents' table has none. */
export interface BreakCode {
  errcode: number;
  subErrcode: number;
}

/**
 * How a push stands in truth: still `live`; `ended` because its host meant to stop; `broken`
 * against the host's will; `refused` at its start. CSS itself does not tell the first two ends apart.
 */
export type PushOutcome = 'live' | 'ended' | 'broken' | 'refused';

/** One push as the simulated CSS sees it, refused ones included. Times are ms since the epoch. */
export interface Push {
  sequence: string;
  domain: string;
  app: string;
  stream: string;
  /** Which push host sent it, a name of the simulator's own. */
  host: string;
  clientIp: string;
  /** IP of the access point that took the push. */
  node: string;
  width: number;
  height: number;
  /** Query part of the push URL; holds txSecret, so it never leaves but in a callback. */
  streamParam: string;
  startedAt: number;
  endedAt?: number;
  code?: BreakCode;
  outcome: PushOutcome;
  /** Since when no data came, if it fell silent. */
  silentFrom?: number;
  /** When the same stream was live again after this broken or refused push. */
  recoveredAt?: number;
}

/** Names the stream of a push among all streams of the account. */
export function streamKey(push: { domain: string; app: string; stream: string }): string {
  return `${push.domain}/${push.app}/${push.stream}`;
}
