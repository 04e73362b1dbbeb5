import { RTMP_OVER_SRT_PORT, SRT_PORT } from './parse-push-url.ts';
import { computeTxSecret, type TxSecretHash } from './push-url.ts';

/** What a push URL is made of. */
export interface PushUrlParts {
  domain: string;
  app: string;
  stream: string;
  /** Push authentication key, a secret. */
  key: string;
  /** Epoch ms UTC, cut to whole seconds. */
  expiresAt: number;
  /** MD5 when absent. */
  hash?: TxSecretHash;
}

/** The same push by each protocol. They hold txSecret: whoever has one may push. */
export interface SignedPushUrls {
  rtmp: string;
  webrtc: string;
  srt: string;
  rtmpOverSrt: string;
  /** txTime as written in them: upper-case hex, as the console writes it. */
  txTime: string;
}

/** Signs a push URL for each protocol, in the forms of the console's address generator. */
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
