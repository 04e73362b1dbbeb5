import type { PushSample } from '../../model/push.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { parseCssTime, printCssTime } from '../css-time.ts';
import type { ApiCaller } from './api-caller.ts';

/** CSS keeps samples for 7 days (source: API document 267/35965). */
export const SAMPLES_RETENTION_MS = 7 * 86_400_000;

const ACTION = 'DescribeStreamPushInfoList';
const BEIJING_MS = 8 * 3_600_000;
/** Samples may have the time at which they end, so they may be this far outside of the range, ms. */
const TOLERANCE_MS = 60_000;
const TIME_WITHOUT_ZONE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/;

/** One stream and a time range of at most 3 hours. Times are epoch ms UTC. */
export interface SampleQuery {
  domain: string;
  app: string;
  stream: string;
  from: number;
  to: number;
}

/** A sample, and what identifies its push. */
export interface SampleRecord extends PushSample {
  /** CSS's id of the push; null when unknown. */
  sequence: string | null;
  /** Query of the push URL, with txSecret unmasked. Mask it before use. */
  streamParam: string | null;
  /** As CSS names them, such as `H264` and `AAC`. */
  videoCodec: string | null;
  audioCodec: string | null;
}

/**
 * Reads the quality samples of a stream's pushes from CSS.
 *
 * @param account - account name, for error messages
 * @returns samples by time, without those that cannot be read
 * @throws `CSS_*`; the signal's reason when it aborts
 */
export async function readPushSamples(
  caller: ApiCaller,
  account: string,
  { domain, app, stream, from, to }: SampleQuery,
  signal?: AbortSignal,
): Promise<SampleRecord[]> {
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

/** The zone of the times is not documented, so the one that fits the requested range is used. */
function timeOf(text: unknown, from: number, to: number): number | null {
  const zoned = parseCssTime(text);
  if (zoned !== null) {
    return zoned;
  }
  const [, day, time] = (typeof text === 'string' && TIME_WITHOUT_ZONE.exec(text.trim())) || [];
  const asUtc = Date.parse(`${day}T${time}Z`);
  return (
    [asUtc - BEIJING_MS, asUtc].find(
      (at) => at >= from - TOLERANCE_MS && at <= to + TOLERANCE_MS,
    ) ?? null
  );
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function sampleOf(record: Record<string, unknown>, from: number, to: number): SampleRecord[] {
  const at = timeOf(record.Time, from, to);
  if (at === null) {
    return [];
  }
  const local = numberOf(record.LocalTs);
  // Only media that still flow show the connection: a stopped camera must not look like a bad uplink.
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
      videoCodec: textOf(record.VCodec),
      audioCodec: textOf(record.ACodec),
    },
  ];
}
