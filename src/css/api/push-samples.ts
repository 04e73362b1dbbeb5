import type { PushSample } from '../../model/push.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseCssTime, printCssTime } from '../css-time.ts';
import type { ApiCaller } from './api-caller.ts';

/** CSS keeps samples for 7 days (source: API document 267/35965). */
export const SAMPLES_KEPT_MS = 7 * 86_400_000;

const ACTION = 'DescribeStreamPushInfoList';
const BEIJING_MS = 8 * 3_600_000;
/** Samples may carry the time of their end; so far outside of the asked range, in ms, they count. */
const SLACK_MS = 60_000;
const UNZONED = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/;

/** Which samples are wanted: of one stream, at most 3 hours. Times are epoch ms UTC. */
export interface SampleSearch {
  domain: string;
  app: string;
  stream: string;
  from: number;
  to: number;
}

/** A sample with what tells whose it is. */
export interface ReadSample extends PushSample {
  /** CSS's id of the push; null when not told. */
  sequence: string | null;
  /** Query of the push URL, with txSecret in clear. Must not leave unmasked. */
  streamParam: string | null;
}

/**
 * Asks CSS what it measured of a stream's pushes.
 *
 * @param account - Breakwatch's name of it, for errors
 * @returns samples by time; one that can not be read is left out
 * @throws `CSS_*`; the signal's reason when it aborts
 */
export async function readPushSamples(
  caller: ApiCaller,
  account: string,
  { domain, app, stream, from, to }: SampleSearch,
  signal?: AbortSignal,
): Promise<ReadSample[]> {
  const params = {
    StreamName: stream,
    StartTime: printCssTime(from),
    EndTime: printCssTime(to),
    ...(domain === '' ? {} : { PushDomain: domain }),
    ...(app === '' ? {} : { AppName: app }),
  };
  const answer = await caller.call(ACTION, params, signal);
  const list = answer?.DataInfoList ?? [];
  if (!Array.isArray(list)) {
    throw maskedError('CSS_BAD_ANSWER', {
      account,
      action: ACTION,
      endpoint: caller.endpoint,
      problem: 'DataInfoList is not a list',
    });
  }
  return list
    .flatMap((record: unknown) => sampleOf((record ?? {}) as Record<string, unknown>, from, to))
    .sort((a, b) => a.at - b.at);
}

/** The document gives the form of the times and not their zone, so the asked range tells it. */
function timeOf(text: unknown, from: number, to: number): number | null {
  const zoned = parseCssTime(text);
  if (zoned !== null) {
    return zoned;
  }
  const [, day, time] = (typeof text === 'string' && UNZONED.exec(text.trim())) || [];
  const asUtc = Date.parse(`${day}T${time}Z`);
  return (
    [asUtc - BEIJING_MS, asUtc].find((at) => at >= from - SLACK_MS && at <= to + SLACK_MS) ?? null
  );
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function sampleOf(record: Record<string, unknown>, from: number, to: number): ReadSample[] {
  const at = timeOf(record.Time, from, to);
  if (at === null) {
    return [];
  }
  const local = numberOf(record.LocalTs);
  // What still flows tells of the connection: a camera that stops must not look like a bad uplink.
  const media = [record.VideoTs, record.AudioTs].flatMap((value) => numberOf(value) || []);
  return [
    {
      at,
      videoFps: numberOf(record.VideoFps),
      videoRate: numberOf(record.VideoRate),
      audioFps: numberOf(record.AudioFps),
      audioRate: numberOf(record.AudioRate),
      lagMs: local === null || media.length === 0 ? null : local - Math.max(...media),
      sequence: textOf(record.Sequence) ?? numberOf(record.Sequence)?.toString() ?? null,
      streamParam: textOf(record.StreamParam),
    },
  ];
}
