import { createHash } from 'node:crypto';
import { callbackValiditySeconds } from './callback-body.ts';
import type { Push } from './push.ts';

/** CSS reports exceptions every 5 s, in the documents' sample. */
export const reportIntervalMs = 5_000;

/**
 * The signed JSON body of a push exception callback (321): no video frame came for more than 3 s.
 *
 * @param at when it is reported, ms since the epoch
 * @param callbackKey without one, the message carries no `t` and `sign`
 */
export function exceptionBody(
  push: Push,
  at: number,
  callbackKey: string | undefined,
  appid: number,
): Record<string, unknown> {
  const waited = Math.max(3_001, at - (push.silentFrom ?? at));
  const t = Math.floor(at / 1000) + callbackValiditySeconds;
  return {
    event_type: 321,
    appid,
    user_ip: push.clientIp,
    domain: push.domain,
    path: push.app,
    stream_id: push.stream,
    stream_param: push.streamParam,
    sequence: push.sequence,
    data_time: at,
    report_interval: reportIntervalMs,
    timeout: 5_000,
    interface: 'general_callback',
    abnormal_event: [
      {
        type: 6,
        type_desc_cn: '两帧视频帧到达时间太长（大于3000ms）',
        type_desc_en: 'Two consecutive video frames arrived late (> 3 s).',
        count: 1,
        customer_visible: 'true',
        event_key: 'video_frame_interval',
        detail: [
          {
            desc: `video frame arrive interval too long, interval=${waited}(msec)`,
            occur_time: at,
          },
        ],
      },
    ],
    ...(callbackKey === undefined
      ? {}
      : { t, sign: createHash('md5').update(`${callbackKey}${t}`).digest('hex') }),
  };
}
