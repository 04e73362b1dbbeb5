import { ApiError } from '../api-request.ts';
import type { Push } from '../push.ts';
import type { Action } from './action.ts';

const sampleMs = 5000;

/**
 * DescribeStreamPushInfoList: one quality sample of a stream every 5 s, none while it is silent. In
 * the 30 s before a network break all rates fall and timestamps lag; before an idle break only the
 * video falls. Limits: 3 h of the last 7 days. AppName defaults to `live`.
 */
export const describeStreamPushInfoList: Action = {
  rate: 40,
  params: {
    StreamName: { kind: 'string', required: true },
    StartTime: { kind: 'time', required: true },
    EndTime: { kind: 'time', required: true },
    PushDomain: { kind: 'string' },
    AppName: { kind: 'string' },
  },
  run: (params, { world }) => {
    const start = params.time('StartTime') as number;
    const end = params.time('EndTime') as number;
    if (end < start || end - start > 3 * 3_600_000 || start < world.now - 7 * 86_400_000) {
      throw new ApiError(
        'InvalidParameterValue',
        'The time span must not exceed 3 hours, within the last 7 days.',
      );
    }
    const stream = params.string('StreamName');
    const domain = params.string('PushDomain');
    const app = params.string('AppName') ?? 'live';
    const samples: Record<string, unknown>[] = [];
    for (const push of [...world.finished, ...world.live.values()]) {
      if (push.outcome === 'refused' || push.stream !== stream) continue;
      if (domain !== undefined && push.domain !== domain) continue;
      if (push.app !== app) continue;
      const last = Math.min(push.silentFrom ?? push.endedAt ?? world.now, end);
      const first = Math.max(start, push.startedAt);
      for (let at = Math.ceil(first / sampleMs) * sampleMs; at <= last; at += sampleMs) {
        samples.push(sample(push, at));
      }
    }
    return { DataInfoList: samples };
  },
};

/** Remaining share (0 to 1) of a push's video and audio rates, and lag of its timestamps, ms. */
function healthOf(push: Push, at: number): { video: number; audio: number; lagMs: number } {
  const errcode = push.code?.errcode ?? 0;
  const leftMs = (push.silentFrom ?? push.endedAt ?? Number.POSITIVE_INFINITY) - at;
  const remaining = leftMs < 30_000 ? 0.2 + (0.8 * leftMs) / 30_000 : 1;
  if (errcode >= 12 && errcode <= 17) {
    return { video: remaining, audio: remaining, lagMs: (1 - remaining) * 8_000 };
  }
  // An encoder that hangs still sends audio for a while.
  const isIdle = errcode === 8 || errcode === 20;
  return { video: isIdle ? remaining : 1, audio: 1, lagMs: 0 };
}

function sample(push: Push, at: number): Record<string, unknown> {
  const { video, audio, lagMs } = healthOf(push, at);
  const age = at - push.startedAt;
  const mbits = 2.5 * video + 0.128 * audio;
  return {
    Time: sampleTime(at),
    PushDomain: push.domain,
    AppName: push.app,
    ClientIp: push.clientIp,
    ServerIp: push.node,
    BeginPushTime: sampleTime(push.startedAt),
    Resolution: `${push.width}*${push.height}`,
    VCodec: 'H264',
    ACodec: 'AAC',
    Sequence: push.sequence,
    VideoFps: Math.round(25 * video),
    VideoRate: Math.round(2_500_000 * video),
    AudioFps: Math.round(43 * audio),
    AudioRate: Math.round(128_000 * audio),
    LocalTs: age,
    VideoTs: Math.round(age - lagMs),
    AudioTs: Math.round(age - lagMs),
    MetaVideoRate: 2500,
    MetaAudioRate: 128,
    MateFps: 25,
    StreamParam: push.streamParam,
    Bandwidth: Number(mbits.toFixed(3)),
    Flux: Number(((mbits * 5) / 8).toFixed(3)),
    GopSize: 2000,
  };
}

/** The SDKs document the format, `%Y-%m-%d %H:%M:%S.%ms`, but no zone. CSS often means Beijing. */
function sampleTime(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().replace('T', ' ').replace('Z', '');
}
