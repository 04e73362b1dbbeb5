/** CSS callbacks: read and verify them, and make their journal entries. */
export {
  type CallbackType,
  callbackEntry,
  maskableSecrets,
  parseCallback,
  verifyCallback,
} from './callback.ts';
export { pushExceptionKeys, type ReportedException, readPushExceptions } from './push-exception.ts';
