import type { FactValue } from './facts.ts';
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
  /** What the value is, beyond its type: an IP address, or a time (epoch ms UTC, or ISO 8601 in a text). */
  format?: 'address' | 'time';
  source: FactSource;
  /** Every event has it, whatever its source. */
  always?: true;
  /** One value, as a rule or its test would write it. */
  example: FactValue;
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
    example: 'network',
    meaning: 'Reason id, found by code or text; the same in every language.',
  },
  {
    name: 'code',
    type: 'string',
    source: 'event',
    example: '18/501',
    meaning: 'errcode and sub code as one text, e.g. "18/501", or "4" when there is no sub code.',
  },
  {
    name: 'errcode',
    type: 'number',
    source: 'event',
    example: 18,
    meaning: 'errcode of the callback, or the number in parentheses of an API text.',
  },
  {
    name: 'subErrcode',
    type: 'number',
    source: 'event',
    example: 501,
    meaning: 'Sub code of errcode 18 or 21.',
  },
  {
    name: 'bypassCode',
    type: 'number',
    source: 'event',
    example: 6012,
    meaning: 'Error code of bypass live, e.g. 6012.',
  },
  {
    name: 'reasonText',
    type: 'string',
    source: 'event',
    example: 'Push stream network error',
    meaning: 'Reason text of CSS.',
  },
  {
    name: 'account',
    type: 'string',
    source: 'event',
    example: 'main',
    meaning: 'Name of the Tencent account in Breakwatch.',
  },
  {
    name: 'domain',
    type: 'string',
    source: 'event',
    example: 'push.example.com',
    meaning: 'Push domain.',
  },
  {
    name: 'app',
    type: 'string',
    source: 'event',
    example: 'live',
    meaning: 'AppName.',
  },
  {
    name: 'stream',
    type: 'string',
    source: 'event',
    example: 'shop-17',
    meaning: 'StreamName.',
  },
  {
    name: 'clientIp',
    type: 'string',
    format: 'address',
    source: 'event',
    example: '203.0.113.7',
    meaning: 'Address that pushed; absent for private networks.',
  },
  {
    name: 'node',
    type: 'string',
    format: 'address',
    source: 'event',
    example: '10.2.0.14',
    meaning: 'Access node that received the push (callback only).',
  },
  {
    name: 'resolution',
    type: 'string',
    source: 'event',
    example: '1280*720',
    meaning: 'Picture size, e.g. "1280*720".',
  },
  {
    name: 'endedAt',
    type: 'number',
    format: 'time',
    source: 'event',
    always: true,
    example: '2026-03-01T22:15:00+08:00',
    meaning: 'When the push ended. A test gives it in ISO 8601, with a zone.',
  },
  {
    name: 'durationMs',
    type: 'number',
    unit: 'ms',
    source: 'event',
    example: 90000,
    meaning: 'How long the push was live; 0 for a refused push.',
  },
  {
    name: 'secondsLive',
    type: 'number',
    unit: 's',
    source: 'event',
    example: 90,
    meaning: 'How long the push was live, in whole seconds.',
  },
  {
    name: 'mainlandChina',
    type: 'boolean',
    source: 'event',
    example: true,
    meaning: 'The push came in on the Chinese mainland (set_id 1-6; callback only).',
  },
  {
    name: 'txTime',
    type: 'string',
    format: 'time',
    source: 'pushUrl',
    example: '2026-03-01T12:00:00Z',
    meaning: 'Expiry of the push URL, ISO 8601 UTC.',
  },
  {
    name: 'txTimePresent',
    type: 'boolean',
    source: 'pushUrl',
    example: true,
    meaning: 'The push URL had a txTime.',
  },
  {
    name: 'txTimeUnreadable',
    type: 'boolean',
    source: 'pushUrl',
    example: true,
    meaning: 'The push URL had a txTime that is not a plausible time, such as milliseconds.',
  },
  {
    name: 'txSecretPresent',
    type: 'boolean',
    source: 'pushUrl',
    example: true,
    meaning: 'The push URL had a txSecret.',
  },
  {
    name: 'txSecretMatches',
    type: 'string',
    source: 'pushUrl',
    values: ['yes', 'no', 'keyUnknown'],
    example: 'no',
    meaning: 'Whether txSecret matches the push key of the domain; derived before masking.',
  },
  {
    name: 'pushUrlMisread',
    type: 'boolean',
    source: 'pushUrl',
    example: true,
    meaning:
      'txSecret or txTime stands in the push URL in a form that CSS does not read, or that no document shows.',
  },
  {
    name: 'pushUrlMistake',
    type: 'string',
    source: 'pushUrl',
    example: '&amp;',
    meaning:
      'What is written so: a misspelled name, an escaped or full-width sign, a name without a value, or 0x.',
  },
  {
    name: 'secondsPastExpiry',
    type: 'number',
    unit: 's',
    source: 'pushUrl',
    example: 840,
    meaning:
      'How long the URL had been expired when this push started; negative when it was still valid.',
  },
  {
    name: 'secondsPastExpiryAtBreak',
    type: 'number',
    unit: 's',
    source: 'pushUrl',
    example: -3600,
    meaning:
      'How long the URL had been expired when the push ended; positive means that a reconnect with it will be refused.',
  },
  {
    name: 'room',
    type: 'string',
    source: 'pushUrl',
    example: '1024',
    meaning: 'Room of the stream, from the directory or the push URL.',
  },
  {
    name: 'user',
    type: 'string',
    source: 'pushUrl',
    example: 'host-7',
    meaning: 'User who pushes, from the directory or the push URL.',
  },
  {
    name: 'streamType',
    type: 'string',
    source: 'pushUrl',
    values: ['main', 'aux'],
    example: 'main',
    meaning: 'Camera (main) or shared screen (aux), where the StreamName is a stream code.',
  },
  {
    name: 'recordId',
    type: 'string',
    source: 'pushUrl',
    example: 'rec-81',
    meaning: 'The recordId of an interactive-live client (cliRecId).',
  },
  {
    name: 'team',
    type: 'string',
    source: 'directory',
    example: 'shopping',
    meaning: 'Team that is responsible for the stream, from the directory.',
  },
  {
    name: 'vip',
    type: 'boolean',
    source: 'directory',
    example: true,
    meaning: 'The directory marks the stream as important.',
  },
  {
    name: 'contact',
    type: 'string',
    source: 'directory',
    example: '+86 10 5555 0100',
    meaning: 'Contact of the stream, from the directory.',
  },
  {
    name: 'previousReason',
    type: 'string',
    source: 'history',
    example: 'replaced',
    meaning: "Reason of this stream's break before this one, within 24 h.",
  },
  {
    name: 'previousCategory',
    type: 'string',
    source: 'history',
    example: 'network',
    meaning: "Category of this stream's break before this one, within 24 h.",
  },
  {
    name: 'secondsSincePreviousBreak',
    type: 'number',
    unit: 's',
    source: 'history',
    example: 90,
    meaning: "Time since this stream's break before this one.",
  },
  {
    name: 'breaksOfStream10m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning: 'Breaks of this stream in the 10 minutes before this one.',
  },
  {
    name: 'endsOfStream10m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Ends of pushes of this stream in the 10 minutes before this one, normal stops included.',
  },
  {
    name: 'breaksOfClientIp5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Breaks of pushes from this client address in the last 5 minutes or in the same second.',
  },
  {
    name: 'breaksOfNode5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning: 'Breaks on this access node in the last 5 minutes or in the same second.',
  },
  {
    name: 'breaksOfDomain5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning: 'Breaks on this push domain in the last 5 minutes or in the same second.',
  },
  {
    name: 'sameReasonOfAccount5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams of the account that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfDomain5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams of the push domain that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfApp5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams of the AppName on this domain that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfNode5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams on the access node that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'sameReasonOfAddress5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams from the client address that broke for the same reason in the last 5 minutes or in the same second. Retries of one stream count once.',
  },
  {
    name: 'linkCutsOfNode5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams on the access node whose live push was cut in the last 5 minutes or in the same second as a failing link cuts it: network error, no data, or connection closed. Refusals and encoder faults do not count.',
  },
  {
    name: 'linkCutsOfAddress5m',
    type: 'number',
    source: 'history',
    example: 8,
    meaning:
      'Other streams from the client address whose live push was cut in the last 5 minutes or in the same second as a failing link cuts it: network error, no data, or connection closed. Refusals and encoder faults do not count.',
  },
  {
    name: 'liveOfAccount5m',
    type: 'number',
    source: 'history',
    example: 120,
    meaning:
      'Streams of the account that were live at some time in the last 5 minutes; absent while most live pushes are unknown.',
  },
  {
    name: 'liveOfDomain5m',
    type: 'number',
    source: 'history',
    example: 120,
    meaning:
      'Streams of the push domain that were live at some time in the last 5 minutes; absent while most live pushes are unknown.',
  },
  {
    name: 'liveOfApp5m',
    type: 'number',
    source: 'history',
    example: 120,
    meaning:
      'Streams of the AppName on this domain that were live at some time in the last 5 minutes; absent while most live pushes are unknown.',
  },
  {
    name: 'liveOfNode5m',
    type: 'number',
    source: 'history',
    example: 120,
    meaning:
      'Streams on the access node that were live at some time in the last 5 minutes; absent while the nodes of most live pushes are unknown (begin callbacks tell them).',
  },
  {
    name: 'shareOfAccount5m',
    type: 'number',
    unit: '%',
    source: 'history',
    example: 40,
    meaning:
      'Part of the streams of the account that broke for this reason in the last 5 minutes, this one included: of those that were live or, when this push was refused, of those that started or were refused. Absent when unknown.',
  },
  {
    name: 'shareOfDomain5m',
    type: 'number',
    unit: '%',
    source: 'history',
    example: 40,
    meaning: 'The same part of the streams of the push domain.',
  },
  {
    name: 'shareOfApp5m',
    type: 'number',
    unit: '%',
    source: 'history',
    example: 40,
    meaning: 'The same part of the streams of the AppName on this domain.',
  },
  {
    name: 'shareOfNode5m',
    type: 'number',
    unit: '%',
    source: 'history',
    example: 40,
    meaning: 'The same part of the streams on the access node.',
  },
  {
    name: 'linkCutShareOfNode5m',
    type: 'number',
    unit: '%',
    source: 'history',
    example: 40,
    meaning:
      'Part of the live streams on the access node that were cut in the last 5 minutes as a failing link cuts them, this one included (see linkCutsOfNode5m). Absent when unknown.',
  },
  {
    name: 'samplesBeforeBreak',
    type: 'string',
    source: 'samples',
    values: SAMPLE_FINDINGS,
    example: 'uplink',
    meaning:
      'What CSS measured in the minutes before the break: steady to the last sample, then silent, uplink (rates fell and timestamps fell behind), lagging (only timestamps fell behind), only video or audio fell, all of it fell, or a low frame rate all along. Absent until the samples are read.',
  },
  {
    name: 'fpsBeforeBreak',
    type: 'number',
    unit: 'fps',
    source: 'samples',
    example: 12,
    meaning: 'Frame rate of the video in the last samples before the break.',
  },
  {
    name: 'videoRateBeforeBreak',
    type: 'number',
    unit: 'kbit/s',
    source: 'samples',
    example: 800,
    meaning: 'Bitrate of the video in the last samples before the break.',
  },
  {
    name: 'audioRateBeforeBreak',
    type: 'number',
    unit: 'kbit/s',
    source: 'samples',
    example: 128,
    meaning: 'Bitrate of the audio in the last samples before the break.',
  },
  {
    name: 'videoCodec',
    type: 'string',
    source: 'samples',
    example: 'H264',
    meaning: 'Codec of the video in the last sample, as CSS names it.',
  },
  {
    name: 'audioCodec',
    type: 'string',
    source: 'samples',
    example: 'AAC',
    meaning: 'Codec of the audio in the last sample, as CSS names it.',
  },
  {
    name: 'apiState',
    type: 'string',
    source: 'account',
    values: ['ok', 'stopped', 'credentials', 'permission', 'unreachable'],
    example: 'ok',
    meaning: "Last known state of the account's API.",
  },
];

/** Names of all facts. */
export const FACT_NAMES: readonly string[] = FACT_CATALOGUE.map((fact) => fact.name);

/** Fact names of the columns that a directory has beside its fixed ones: `directory.` and the column. */
export const DIRECTORY_FACT = '^directory\\.[a-z][a-z0-9_]*$';

const directoryFact = new RegExp(DIRECTORY_FACT);
const byName = new Map(FACT_CATALOGUE.map((fact) => [fact.name, fact]));

/** A column of the directory as a fact; docs describe it by this one. */
export const DIRECTORY_COLUMN: FactDefinition = {
  name: 'directory.<column>',
  type: 'string',
  source: 'directory',
  example: 'gold',
  meaning:
    'Any other column of the directory, by its name in lower case, for example directory.tier. Absent when the field is empty.',
};

/** Returns the definition of a fact, also of a column of the directory; undefined when there is no such fact. */
export function findFact(name: string): FactDefinition | undefined {
  return byName.get(name) ?? (directoryFact.test(name) ? { ...DIRECTORY_COLUMN, name } : undefined);
}
