import { SAMPLE_FINDINGS } from './push.ts';

/** Where a fact comes from. */
type FactSource = 'event' | 'pushUrl' | 'directory' | 'history' | 'account' | 'samples';

/**
 * One fact that rules can read. The rule schema, lint, completion and docs are generated from it;
 * `fact-labels.ts` has the label of each fact.
 */
export interface FactDefinition {
  name: string;
  type: 'string' | 'number' | 'boolean';
  /** `s`, `ms`, `px`, `%`, `fps`, `kbit/s`, or none. */
  unit?: string;
  source: FactSource;
  /** Every event has it, whatever its source. */
  always?: true;
  /** Closed list of values. */
  values?: readonly string[];
  meaning: string;
}

/** Window of the counts for one stream, ms. */
export const STREAM_WINDOW_MS = 10 * 60_000;
/** Window of the counts for an address, node or domain, ms. */
export const WIDE_WINDOW_MS = 5 * 60_000;

/** All facts, in the order in which docs list them. */
export const FACT_CATALOGUE: readonly FactDefinition[] = [
  {
    name: 'reason',
    type: 'string',
    source: 'event',
    always: true,
    meaning: 'Reason id, found by code or text; the same in every language.',
  },
  {
    name: 'code',
    type: 'string',
    source: 'event',
    meaning: 'errcode and sub code as one text, e.g. "18/501", or "4" when there is no sub code.',
  },
  {
    name: 'errcode',
    type: 'number',
    source: 'event',
    meaning: 'errcode of the callback, or the number in parentheses of an API text.',
  },
  {
    name: 'subErrcode',
    type: 'number',
    source: 'event',
    meaning: 'Sub code of errcode 18 or 21.',
  },
  {
    name: 'bypassCode',
    type: 'number',
    source: 'event',
    meaning: 'Error code of bypass live, e.g. 6012.',
  },
  {
    name: 'reasonText',
    type: 'string',
    source: 'event',
    meaning: 'Reason text of CSS.',
  },
  {
    name: 'account',
    type: 'string',
    source: 'event',
    meaning: 'Name of the Tencent account in Breakwatch.',
  },
  {
    name: 'domain',
    type: 'string',
    source: 'event',
    meaning: 'Push domain.',
  },
  { name: 'app', type: 'string', source: 'event', meaning: 'AppName.' },
  { name: 'stream', type: 'string', source: 'event', meaning: 'StreamName.' },
  {
    name: 'clientIp',
    type: 'string',
    source: 'event',
    meaning: 'Address that pushed; absent for private networks.',
  },
  {
    name: 'node',
    type: 'string',
    source: 'event',
    meaning: 'Access node that received the push (callback only).',
  },
  {
    name: 'resolution',
    type: 'string',
    source: 'event',
    meaning: 'Picture size, e.g. "1280*720".',
  },
  {
    name: 'durationMs',
    type: 'number',
    unit: 'ms',
    source: 'event',
    meaning: 'How long the push was live; 0 for a refused push.',
  },
  {
    name: 'secondsLive',
    type: 'number',
    unit: 's',
    source: 'event',
    meaning: 'How long the push was live, in whole seconds.',
  },
  {
    name: 'mainlandChina',
    type: 'boolean',
    source: 'event',
    meaning: 'The push came in on the Chinese mainland (set_id 1-6; callback only).',
  },
  {
    name: 'txTime',
    type: 'string',
    source: 'pushUrl',
    meaning: 'Expiry of the push URL, ISO 8601 UTC.',
  },
  {
    name: 'txTimePresent',
    type: 'boolean',
    source: 'pushUrl',
    meaning: 'The push URL had a txTime.',
  },
  {
    name: 'txTimeUnreadable',
    type: 'boolean',
    source: 'pushUrl',
    meaning: 'The push URL had a txTime that is not a plausible time, such as milliseconds.',
  },
  {
    name: 'txSecretPresent',
    type: 'boolean',
    source: 'pushUrl',
    meaning: 'The push URL had a txSecret.',
  },
  {
    name: 'txSecretMatches',
    type: 'string',
    source: 'pushUrl',
    values: ['yes', 'no', 'keyUnknown'],
    meaning: 'Whether txSecret matches the push key of the domain; derived before masking.',
  },
  {
    name: 'secondsPastExpiry',
    type: 'number',
    unit: 's',
    source: 'pushUrl',
    meaning:
      'How long the URL had been expired when this push started; negative when it was still valid.',
  },
  {
    name: 'secondsPastExpiryAtBreak',
    type: 'number',
    unit: 's',
    source: 'pushUrl',
    meaning:
      'How long the URL had been expired when the push ended; positive means that a reconnect with it will be refused.',
  },
  {
    name: 'room',
    type: 'string',
    source: 'pushUrl',
    meaning: 'Room of the stream, from the directory or the push URL.',
  },
  {
    name: 'user',
    type: 'string',
    source: 'pushUrl',
    meaning: 'User who pushes, from the directory or the push URL.',
  },
  {
    name: 'streamType',
    type: 'string',
    source: 'pushUrl',
    values: ['main', 'aux'],
    meaning: 'Camera (main) or shared screen (aux), where the StreamName is a stream code.',
  },
  {
    name: 'recordId',
    type: 'string',
    source: 'pushUrl',
    meaning: 'The recordId of an interactive-live client (cliRecId).',
  },
  {
    name: 'team',
    type: 'string',
    source: 'directory',
    meaning: 'Team that is responsible for the stream, from the directory.',
  },
  {
    name: 'vip',
    type: 'boolean',
    source: 'directory',
    meaning: 'The directory marks the stream as important.',
  },
  {
    name: 'contact',
    type: 'string',
    source: 'directory',
    meaning: 'Contact of the stream, from the directory.',
  },
  {
    name: 'previousReason',
    type: 'string',
    source: 'history',
    meaning: "Reason of this stream's break before this one, within 24 h.",
  },
  {
    name: 'previousCategory',
    type: 'string',
    source: 'history',
    meaning: "Category of this stream's break before this one, within 24 h.",
  },
  {
    name: 'secondsSincePreviousBreak',
    type: 'number',
    unit: 's',
    source: 'history',
    meaning: "Time since this stream's break before this one.",
  },
  {
    name: 'breaksOfStream10m',
    type: 'number',
    source: 'history',
    meaning: 'Breaks of this stream in the 10 minutes before this one.',
  },
  {
    name: 'endsOfStream10m',
    type: 'number',
    source: 'history',
    meaning:
      'Ends of pushes of this stream in the 10 minutes before this one, normal stops included.',
  },
  {
    name: 'breaksOfClientIp5m',
    type: 'number',
    source: 'history',
    meaning:
      'Breaks of pushes from this client address in the last 5 minutes or in the same second.',
  },
  {
    name: 'breaksOfNode5m',
    type: 'number',
    source: 'history',
    meaning: 'Breaks on this access node in the last 5 minutes or in the same second.',
  },
  {
    name: 'breaksOfDomain5m',
    type: 'number',
    source: 'history',
    meaning: 'Breaks on this push domain in the last 5 minutes or in the same second.',
  },
  {
    name: 'sameReasonOfAccount5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams of the account that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfDomain5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams of the push domain that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfApp5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams of the AppName on this domain that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfNode5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams on the access node that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfAddress5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams from the client address that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'linkCutsOfNode5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams on the access node whose live push was cut in the last 5 minutes or in the same second as a failing link cuts it: network error, no data, or connection closed. Refusals and encoder faults do not count.',
  },
  {
    name: 'linkCutsOfAddress5m',
    type: 'number',
    source: 'history',
    meaning:
      'Other streams from the client address whose live push was cut in the last 5 minutes or in the same second as a failing link cuts it: network error, no data, or connection closed. Refusals and encoder faults do not count.',
  },
  {
    name: 'liveOfAccount5m',
    type: 'number',
    source: 'history',
    meaning:
      'Streams of the account that were live at some time in the last 5 minutes; absent while most live pushes are unknown.',
  },
  {
    name: 'liveOfDomain5m',
    type: 'number',
    source: 'history',
    meaning:
      'Streams of the push domain that were live at some time in the last 5 minutes; absent while most live pushes are unknown.',
  },
  {
    name: 'liveOfApp5m',
    type: 'number',
    source: 'history',
    meaning:
      'Streams of the AppName on this domain that were live at some time in the last 5 minutes; absent while most live pushes are unknown.',
  },
  {
    name: 'liveOfNode5m',
    type: 'number',
    source: 'history',
    meaning:
      'Streams on the access node that were live at some time in the last 5 minutes; absent while the nodes of most live pushes are unknown (begin callbacks tell them).',
  },
  {
    name: 'shareOfAccount5m',
    type: 'number',
    unit: '%',
    source: 'history',
    meaning:
      'Part of the streams of the account that broke for this reason in the last 5 minutes, this one included: of those that were live or, when this push was refused, of those that started or were refused. Absent when unknown.',
  },
  {
    name: 'shareOfDomain5m',
    type: 'number',
    unit: '%',
    source: 'history',
    meaning: 'The same part of the streams of the push domain.',
  },
  {
    name: 'shareOfApp5m',
    type: 'number',
    unit: '%',
    source: 'history',
    meaning: 'The same part of the streams of the AppName on this domain.',
  },
  {
    name: 'shareOfNode5m',
    type: 'number',
    unit: '%',
    source: 'history',
    meaning: 'The same part of the streams on the access node.',
  },
  {
    name: 'linkCutShareOfNode5m',
    type: 'number',
    unit: '%',
    source: 'history',
    meaning:
      'Part of the live streams on the access node that were cut in the last 5 minutes as a failing link cuts them, this one included (see linkCutsOfNode5m). Absent when unknown.',
  },
  {
    name: 'samplesBeforeBreak',
    type: 'string',
    source: 'samples',
    values: SAMPLE_FINDINGS,
    meaning:
      'What CSS measured in the minutes before the break: steady to the last sample, then silent, uplink (rates fell and timestamps fell behind), lagging (only timestamps fell behind), only video or audio fell, all of it fell, or a low frame rate all along. Absent until the samples are read.',
  },
  {
    name: 'fpsBeforeBreak',
    type: 'number',
    unit: 'fps',
    source: 'samples',
    meaning: 'Frame rate of the video in the last samples before the break.',
  },
  {
    name: 'videoRateBeforeBreak',
    type: 'number',
    unit: 'kbit/s',
    source: 'samples',
    meaning: 'Bitrate of the video in the last samples before the break.',
  },
  {
    name: 'apiState',
    type: 'string',
    source: 'account',
    values: ['ok', 'stopped', 'credentials', 'permission', 'unreachable'],
    meaning: "Last known state of the account's API.",
  },
];

/** Names of all facts. */
export const FACT_NAMES: readonly string[] = FACT_CATALOGUE.map((fact) => fact.name);
