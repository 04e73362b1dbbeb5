/** The CSS API: its client, and journal entries from its answers. */
export { type ApiCaller, createApiCaller } from './api-caller.ts';
export { apiEntry, onlineEntries } from './api-entry.ts';
export {
  type AccountKeys,
  MAX_RECORDS_SPAN_MS as RECORDS_SPAN_MS,
  RECORDS_RETENTION_MS as RECORDS_KEPT_MS,
  readCallbackRecords,
} from './callback-records.ts';
export { type CssClient, createCssClient, type StreamEventInfo } from './css-client.ts';
export {
  readPushSamples,
  SAMPLES_RETENTION_MS as SAMPLES_KEPT_MS,
  type SampleRecord as ReadSample,
} from './push-samples.ts';
