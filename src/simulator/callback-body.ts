import { createHash } from 'node:crypto';
import type { Push } from './push.ts';
import { reasonText } from './reason-table.ts';

/** Options for what the CSS documents leave open about callbacks. */
export interface CallbackStyle {
  /** `appid` in the body: the number of the account. */
  appid: number;
  /** Also send `sub_errcode`. It is not documented for callbacks. */
  subCodeInCallback: boolean;
  /** Use the format of 2018: `errorcode` instead of `errcode`, and `t` as a string. */
  legacyCallback: boolean;
  /** `text`: English text of the reason table. `raw`: older internal message, where one is known. */
  errmsgStyle: 'text' | 'raw';
}

/** A callback expires (`t`) this long after its event, in seconds. */
const callbackValiditySeconds = 600;

/**
 * Builds the signed JSON body of the callback for a push start (1) or end (0).
 *
 * @param callbackKey when undefined, the body has no `t` and `sign`
 */
export function callbackBody(
  eventType: 0 | 1,
  push: Push,
  callbackKey: string | undefined,
  style: CallbackStyle,
): Record<string, unknown> {
  const at = eventType === 1 ? push.startedAt : (push.endedAt ?? push.startedAt);
  const eventTime = Math.floor(at / 1000);
  const errcode = eventType === 1 ? 0 : (push.code?.errcode ?? 0);
  const body: Record<string, unknown> = {
    app: push.domain,
    appid: style.appid,
    appname: push.app,
    channel_id: push.stream,
    [style.legacyCallback ? 'errorcode' : 'errcode']: errcode,
    errmsg: eventType === 1 ? 'ok' : endMessage(push, style),
    event_time: eventTime,
    event_type: eventType,
    height: push.height,
    idc_id: 30,
    node: push.node,
    sequence: push.sequence,
    set_id: 2,
    stream_id: push.stream,
    stream_param: push.streamParam,
    user_ip: push.clientIp,
    width: push.width,
  };
  if (eventType === 0) {
    body.push_duration = String((push.endedAt ?? push.startedAt) - push.startedAt);
    if (style.subCodeInCallback) body.sub_errcode = push.code?.subErrcode ?? 0;
  }
  if (callbackKey !== undefined) {
    const t = eventTime + callbackValiditySeconds;
    body.t = style.legacyCallback ? String(t) : t;
    body.sign = createHash('md5').update(`${callbackKey}${t}`).digest('hex');
  }
  return body;
}

function endMessage(push: Push, style: CallbackStyle): string {
  const { errcode, subErrcode } = push.code ?? { errcode: 0, subErrcode: 0 };
  const row = reasonText(errcode, subErrcode);
  if (style.errmsgStyle === 'raw' && row.raw) return row.raw;
  // The only documented sample with errcode 1 has this text instead of the one in the table.
  if (errcode === 1) return 'The push client actively stopped the push';
  return row.en;
}

/** Report interval of push exceptions, ms, as in the documented sample. */
const reportIntervalMs = 5_000;

/**
 * Builds the signed JSON body of a push exception callback (321): no video frame for more than 3 s.
 *
 * @param at time of the report, ms since the epoch
 * @param callbackKey when undefined, the body has no `t` and `sign`
 */
export function exceptionBody(
  push: Push,
  at: number,
  callbackKey: string | undefined,
  appid: number,
): Record<string, unknown> {
  const frameGapMs = Math.max(3_001, at - (push.silentFrom ?? at));
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
            desc: `video frame arrive interval too long, interval=${frameGapMs}(msec)`,
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
