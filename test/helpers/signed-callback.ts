import { createHash } from 'node:crypto';
import plain from '../fixtures/callback-seed-003.json' with { type: 'json' };
import odd from '../fixtures/callback-seed-003-odd.json' with { type: 'json' };

/** Key that the test callbacks are signed with. */
export const CALLBACK_KEY = 'testcallbackkey0123456789';
/** Push key that the txSecret of test callbacks is made with. */
export const PUSH_KEY = 'testpushkey0123456789';

/** How a test callback is made. */
export interface SignedCallbackOptions {
  /** The document's sample repaired (default), or with its odd fields kept. */
  sample?: 'plain' | 'odd';
  /** Time of the event, epoch ms UTC; now when absent. */
  at?: number;
  /** Expiry of the push URL, epoch ms UTC; an hour after the event when absent. */
  expiresAt?: number;
  callbackKey?: string;
  pushKey?: string;
  /** Fields put over the sample's; undefined takes a field away. */
  change?: Record<string, unknown>;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The callback sample of the documents, moved in time and signed as CSS does: MD5(key + t). */
export function signedCallback(options: SignedCallbackOptions = {}): Record<string, unknown> {
  const { sample = 'plain', at = Date.now(), change = {} } = options;
  const { callbackKey = CALLBACK_KEY, pushKey = PUSH_KEY } = options;
  const seconds = Math.floor(at / 1000);
  const txTime = Math.floor((options.expiresAt ?? at + 3_600_000) / 1000).toString(16);
  const fixture = sample === 'odd' ? odd : plain;
  const body: Record<string, unknown> = { ...fixture, event_time: seconds };
  const t = seconds + 600;
  body.t = typeof fixture.t === 'string' ? String(t) : t;
  body.stream_param = fixture.stream_param
    .replace('{txSecret}', md5(`${pushKey}${fixture.stream_id}${txTime}`))
    .replace('{txTime}', txTime);
  Object.assign(body, change);
  if (!('sign' in change)) {
    body.sign = md5(`${callbackKey}${body.t}`);
  }
  return JSON.parse(JSON.stringify(body));
}
