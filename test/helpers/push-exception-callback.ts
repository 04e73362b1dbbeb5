import { createHash } from 'node:crypto';
import { CALLBACK_KEY } from './signed-callback.ts';

/** A signed push exception callback as documented. `change` overrides its fields. */
export function pushExceptionCallback(
  at: number,
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  const t = Math.floor(at / 1000) + 600;
  return {
    event_type: 321,
    appid: 1250000000,
    user_ip: '203.0.113.7',
    domain: 'push.example.com',
    path: 'live',
    stream_id: 'shop-17',
    stream_param: 'txSecret=0123456789abcdef0123456789abcdef&txTime=6553f100',
    sequence: '2674006465234170368',
    data_time: at,
    report_interval: 5000,
    timeout: 5000,
    interface: 'general_callback',
    abnormal_event: [
      {
        type: 6,
        type_desc_cn: '视频帧到达时间间隔太大',
        type_desc_en: 'the arrive interval of two video frame is too long',
        count: 2,
        customer_visible: 'true',
        event_key: 'video_arrive_interval',
        detail: [
          {
            desc: 'video frame arrive interval too long, interval=3046(msec)',
            occur_time: at - 1_000,
          },
          {
            desc: 'video frame arrive interval too long, interval=3100(msec)',
            occur_time: at - 500,
          },
        ],
      },
    ],
    t,
    sign: createHash('md5').update(`${CALLBACK_KEY}${t}`).digest('hex'),
    ...change,
  };
}
