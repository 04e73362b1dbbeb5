import { RTMP_OVER_SRT_PORT, SRT_PORT } from './parse-push-url.ts';
import { computeTxSecret, type TxSecretHash } from './push-url.ts';

/** Parts of a push URL. */
export interface PushUrlParts {
  domain: string;
  app: string;
  stream: string;
  /** Push authentication key, a secret. */
  key: string;
  /** Epoch ms UTC, cut to whole seconds. */
  expiresAt: number;
  /** Default: MD5. */
  hash?: TxSecretHash;
}

/** Push URLs by protocol. They contain txSecret: anyone who has one can push. */
export interface SignedPushUrls {
  rtmp: string;
  webrtc: string;
  srt: string;
  rtmpOverSrt: string;
  /** txTime in the URLs: upper-case hex, as in the console. */
  txTime: string;
}

/** Signs a push URL for each protocol, in the format of the console's address generator. */
export function signPushUrl(parts: PushUrlParts): SignedPushUrls {
  const { domain, app, stream, key, expiresAt, hash } = parts;
  const txTime = Math.floor(expiresAt / 1000)
    .toString(16)
    .toUpperCase();
  const txSecret = computeTxSecret(key, stream, txTime, hash);
  const tail = `/${app}/${stream}?txSecret=${txSecret}&txTime=${txTime}`;
  return {
    rtmp: `rtmp://${domain}${tail}`,
    webrtc: `webrtc://${domain}${tail}`,
    srt: `srt://${domain}:${SRT_PORT}?streamid=#!::h=${domain},r=${app}/${stream},txSecret=${txSecret},txTime=${txTime}`,
    rtmpOverSrt: `rtmp://${domain}:${RTMP_OVER_SRT_PORT}${tail}`,
    txTime,
  };
}
