/** Callbacks of CSS: reads and verifies them, and makes their journal entries. */
export { type CallbackType, callbackEntry, parseCallback, verifyCallback } from './callback.ts';
export { pushExceptionKeys, type ReportedException, readPushExceptions } from './push-exception.ts';
