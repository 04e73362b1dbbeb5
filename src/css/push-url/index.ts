/** Push URLs: read, sign and check them, and compute stream codes. */
export { checkPushUrl, type PushUrlCheck } from './check-push-url.ts';
export { tidyPushUrl } from './parse-push-url.ts';
export { derivePushParams, keysOfDomain, type PushKey, type TxSecretHash } from './push-url.ts';
export { signPushUrl } from './sign-push-url.ts';
export {
  computeStreamCode,
  hashOfStreamCode,
  playUrls,
  STREAM_TYPES,
  type StreamType,
  streamHash,
} from './stream-code.ts';
