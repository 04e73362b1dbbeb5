import { createHash } from 'node:crypto';
import type { Push } from './push.ts';
import { reasonText } from './reason-table.ts';

/** How callbacks are spelt where the documents leave a choice. */
export interface CallbackStyle {
  /** Account number in the body. */
  appid: number;
  /** Also send `sub_errcode`, which no document names for callbacks. */
  subCodeInCallback: boolean;
  /** The spelling of 2018: `errorcode` for `errcode`, `t` as a string. */
  legacyCallback: boolean;
  /** `text`: the reason table's English; `raw`: the older internal messages where known. */
  errmsgStyle: 'text' | 'raw';
}

/** How long a callback's `t` lies after its event, seconds. */
export const callbackValiditySeconds = 600;

/**
 * The signed JSON body of a push (1) or interruption (0) callback.
 *
 * @param callbackKey without one, the message carries no `t` and `sign`
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
  // The one documented sample of errcode 1 words it so, unlike the table.
  if (errcode === 1) return 'The push client actively stopped the push';
  return row.en;
}
