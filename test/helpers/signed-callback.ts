import { createHash } from 'node:crypto';
import plain from '../fixtures/callback-seed-003.json' with { type: 'json' };
import odd from '../fixtures/callback-seed-003-odd.json' with { type: 'json' };

/** Key that signs the test callbacks. */
export const CALLBACK_KEY = 'testcallbackkey0123456789';
/** Push key for the txSecret of test callbacks. */
export const PUSH_KEY = 'testpushkey0123456789';

/** Options of a test callback. */
export interface SignedCallbackOptions {
  /** The documented sample, corrected (`plain`, the default) or with its irregular fields (`odd`). */
  sample?: 'plain' | 'odd';
  /** Time of the event, epoch ms UTC. Default: now. */
  at?: number;
  /** Expiry of the push URL, epoch ms UTC. Default: one hour after the event. */
  expiresAt?: number;
  callbackKey?: string;
  pushKey?: string;
  /** Overrides fields of the sample. undefined removes a field. */
  change?: Record<string, unknown>;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The documented callback sample at another time, signed as CSS does: MD5(key + t). */
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
    // A hostile t can be an object without a usable toString.
    const signed = typeof body.t === 'object' ? JSON.stringify(body.t) : String(body.t);
    body.sign = md5(`${callbackKey}${signed}`);
  }
  return JSON.parse(JSON.stringify(body));
}
