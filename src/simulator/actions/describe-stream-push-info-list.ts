import { ApiError } from '../api-error.ts';
import { apiTime } from '../api-params.ts';
import type { Push } from '../push.ts';
import type { Action } from './action.ts';

const sampleMs = 5000;

/**
 * DescribeStreamPushInfoList: one quality sample of a stream every 5 s; none while it is silent,
 * and a falling rate in the half minute before a network break. At most 3 h of the last 7 days.
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
    const stream = params.text('StreamName');
    const domain = params.text('PushDomain');
    const app = params.text('AppName');
    const samples: Record<string, unknown>[] = [];
    for (const push of [...world.finished, ...world.live.values()]) {
      if (push.outcome === 'refused' || push.stream !== stream) continue;
      if (domain !== undefined && push.domain !== domain) continue;
      if (app !== undefined && push.app !== app) continue;
      const last = Math.min(push.silentFrom ?? push.endedAt ?? world.now, end);
      const first = Math.max(start, push.startedAt);
      for (let at = Math.ceil(first / sampleMs) * sampleMs; at <= last; at += sampleMs) {
        samples.push(sample(push, at));
      }
    }
    return { DataInfoList: samples };
  },
};

function sample(push: Push, at: number): Record<string, unknown> {
  const badNetwork = (push.code?.errcode ?? 0) >= 12 && (push.code?.errcode ?? 0) <= 17;
  const left = (push.silentFrom ?? push.endedAt ?? Number.POSITIVE_INFINITY) - at;
  const health = badNetwork && left < 30_000 ? 0.2 + (0.8 * left) / 30_000 : 1;
  const age = at - push.startedAt;
  return {
    Time: apiTime(at),
    PushDomain: push.domain,
    AppName: push.app,
    ClientIp: push.clientIp,
    ServerIp: push.node,
    BeginPushTime: new Date(push.startedAt).toISOString().replace('T', ' ').replace('Z', ''),
    Resolution: `${push.width}*${push.height}`,
    VCodec: 'H264',
    ACodec: 'AAC',
    Sequence: push.sequence,
    VideoFps: Math.round(25 * health),
    VideoRate: Math.round(2_500_000 * health),
    AudioFps: Math.round(43 * health),
    AudioRate: Math.round(128_000 * health),
    LocalTs: age,
    VideoTs: Math.round(age - (1 - health) * 8000),
    AudioTs: Math.round(age - (1 - health) * 8000),
    MetaVideoRate: 2500,
    MetaAudioRate: 128,
    MateFps: 25,
    StreamParam: push.streamParam,
    Bandwidth: Number((2.6 * health).toFixed(3)),
    Flux: Number(((2.6 * health * 5) / 8).toFixed(3)),
    GopSize: 2000,
  };
}
