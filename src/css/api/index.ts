/** The API of CSS: the client, and journal entries of what it answers. */
export { type ApiCaller, createApiCaller } from './api-caller.ts';
export { apiEntry, onlineEntries } from './api-entry.ts';
export {
  type AccountKeys,
  RECORDS_KEPT_MS,
  RECORDS_SPAN_MS,
  readCallbackRecords,
} from './callback-records.ts';
export { type CssClient, createCssClient, type StreamEventInfo } from './css-client.ts';
export { type ReadSample, readPushSamples, SAMPLES_KEPT_MS } from './push-samples.ts';
