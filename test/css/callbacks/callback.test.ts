import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callbackEntry,
  parseCallback,
  verifyCallback,
} from '../../../src/css/callbacks/callback.ts';
import { type Arrival, type ArrivedEnd, readArrival } from '../../../src/css/read-arrival.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';
import { CALLBACK_KEY, PUSH_KEY, signedCallback } from '../../helpers/signed-callback.ts';

/** 2026-03-01T12:00:00Z */
const NOW = Date.UTC(2026, 2, 1, 12);
const DOMAIN = '1234.livepush.myqcloud.com';
const PUSH_KEYS = [{ domain: DOMAIN, key: PUSH_KEY }];

function take(body: unknown, at = NOW): Arrival {
  const message = parseCallback(body);
  verifyCallback(message, [CALLBACK_KEY], 'default', at);
  return readArrival(callbackEntry('default', message, at, PUSH_KEYS));
}

function endOf(body: unknown) {
  const arrival = take(body);
  if (arrival.kind !== 'end') {
    throw new Error(`an end is expected, not ${arrival.kind}`);
  }
  return arrival.event;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof BreakwatchError) {
      return thrown.details.field ? `${thrown.code} ${thrown.details.field}` : thrown.code;
    }
    throw thrown;
  }
  return 'none';
}

describe('the documented callback', () => {
  it('is read completely', () => {
    expect(endOf(signedCallback({ at: NOW }))).toEqual({
      account: 'default',
      domain: DOMAIN,
      app: 'live',
      stream: '1234_15919131751',
      startedAt: null,
      endedAt: NOW,
      durationMs: null,
      code: { errcode: 0, subErrcode: null },
      bypassCode: null,
      reasonText: null,
      clientIp: '123.112.131.123',
      node: '123.126.122.22',
      resolution: null,
      sequence: '2480768755672606517',
      setId: null,
      sourceKey: { source: 'callback', key: '2480768755672606517:0', receivedAt: NOW },
      derived: {
        txTimePresent: true,
        txSecretPresent: true,
        txSecretMatches: 'yes',
        txTime: '2026-03-01T13:00:00Z',
        secondsPastExpiryAtBreak: -3600,
        recordId: '123456',
      },
    });
  });

  it('is read with the push domain in `App`, as the table of the bypass-live document writes it', () => {
    const { app, ...rest } = signedCallback({ at: NOW });
    expect(endOf({ ...rest, App: app })).toMatchObject({ domain: app, stream: rest.stream_id });
    expect(codeOf(() => parseCallback(rest))).toBe('CALLBACK_BAD_FIELD app');
  });

  it('is read with the fields of 2018: errorcode, t as a string, a truncated stream_param', () => {
    const body = signedCallback({ at: NOW, sample: 'odd' });
    expect(typeof body.t).toBe('string');
    const end = endOf(body);
    expect(end.code).toEqual({ errcode: 0, subErrcode: null });
    expect(end.derived).toMatchObject({
      txTime: '2017-12-01T06:25:14Z',
      txSecretPresent: true,
      txSecretMatches: 'no',
    });
    expect(end.derived).not.toHaveProperty('secondsPastExpiry');
    expect(end.derived.secondsPastExpiryAtBreak).toBe(NOW / 1000 - 0x5a20f5ca);
  });

  it('computes the start of the push from push_duration, which is a string', () => {
    const expiresAt = NOW - 60_000;
    const change = { push_duration: '128581', errcode: 1, width: 1280, height: 720, set_id: 8 };
    const end = endOf(signedCallback({ at: NOW, expiresAt, change }));
    expect(end).toMatchObject({
      startedAt: NOW - 128_581,
      durationMs: 128_581,
      resolution: '1280*720',
      setId: 8,
    });
    expect(end.derived).toMatchObject({ secondsPastExpiry: -69, secondsPastExpiryAtBreak: 60 });
  });

  it('reads a refused push with a duration of 0 ms', () => {
    for (const errcode of [18, 19]) {
      const change = { errcode, sub_errcode: 501, push_duration: '40' };
      const end = endOf(signedCallback({ at: NOW, expiresAt: NOW - 5_000, change }));
      expect(end).toMatchObject({ startedAt: NOW, endedAt: NOW, durationMs: 0 });
      expect(end.code).toEqual({ errcode, subErrcode: 501 });
      expect(end.derived.secondsPastExpiry).toBe(5);
    }
  });

  it('reads a push with a duration as live, even with a code for refusals', () => {
    const change = { errcode: 18, sub_errcode: 202, push_duration: '3600000' };
    const end = endOf(signedCallback({ at: NOW, change }));
    expect(end).toMatchObject({ startedAt: NOW - 3_600_000, endedAt: NOW, durationMs: 3_600_000 });
  });

  it('reads the start of a push', () => {
    const arrival = take(signedCallback({ at: NOW, change: { event_type: 1, errmsg: 'ok' } }));
    expect(arrival).toMatchObject({
      kind: 'start',
      push: {
        account: 'default',
        domain: DOMAIN,
        app: 'live',
        stream: '1234_15919131751',
        startedAt: NOW,
        endedAt: null,
        sequence: '2480768755672606517',
        txTime: NOW + 3_600_000,
      },
      derived: { secondsPastExpiry: -3600 },
    });
  });

  it.each([100, 200, 321])('stores type %i as evidence', (event_type) => {
    const body = {
      ...signedCallback({ at: NOW, change: { event_type } }),
      abnormal_event: [{ type: 1 }],
      width: 'wide',
    };
    const entry = callbackEntry('default', parseCallback(body), NOW, PUSH_KEYS);
    expect(take(body)).toEqual({ kind: 'other' });
    expect(entry.body.abnormal_event).toEqual([{ type: 1 }]);
  });

  it('reads a private address as null', () => {
    expect(endOf(signedCallback({ at: NOW, change: { user_ip: '-' } })).clientIp).toBeNull();
  });
});

describe('the key of a callback', () => {
  const keyOf = (change: Record<string, unknown>, at = NOW) =>
    callbackEntry('default', parseCallback(signedCallback({ at, change })), at, []).key;

  it('is the same when CSS repeats it with a new t, and differs for start and end', () => {
    expect(keyOf({})).toBe(keyOf({ t: NOW / 1000 + 999 }));
    expect(keyOf({ event_type: 1 })).not.toBe(keyOf({}));
  });

  it('is a hash of the content if there is no sequence', () => {
    const key = keyOf({ sequence: undefined });
    expect(key).toBe(keyOf({ sequence: undefined, t: NOW / 1000 + 999 }));
    expect(key).not.toBe(keyOf({ sequence: undefined, node: '1.1.1.1' }));
    expect(keyOf({ sequence: Number('2480768755672606517') })).not.toBe(
      keyOf({ sequence: Number('2480768755672606517'), node: '1.1.1.1' }),
    );
  });

  it('differs for several push exceptions of one push', () => {
    expect(keyOf({ event_type: 321 })).not.toBe(keyOf({ event_type: 321, event_time: 5 }));
  });
});

describe('a callback with an odd optional field', () => {
  // Without a duration the start is unknown, and so is how long after the expiry it was.
  const { secondsPastExpiry: _gone, ...derived } = endOf(signedCallback({ at: NOW })).derived;

  it.each<[string, unknown, Partial<ArrivedEnd>]>([
    ['push_duration', '2 minutes', { durationMs: null, startedAt: null, derived }],
    ['push_duration', '60000.5', { durationMs: null, startedAt: null, derived }],
    ['width', -1, { resolution: null }],
    ['height', [720], { resolution: null }],
    ['user_ip', 3405803781, { clientIp: null }],
    ['errcode', -1, { code: null }],
    ['errmsg', { a: 1 }, { reasonText: null }],
    ['node', true, { node: null }],
    ['set_id', 'two', { setId: null }],
    ['sequence', { low: 1 }, { sequence: null }],
    ['stream_param', ['txTime=5C271099'], { derived: {} }],
  ])('leaves %s out when it is %j, and keeps everything else', (field, value, left) => {
    const body = {
      ...signedCallback({ at: NOW, change: { push_duration: 60_000 } }),
      [field]: value,
    };
    const message = parseCallback(body);
    expect(message.unreadableFields).toEqual([field]);
    const { sourceKey: _key, ...whole } = endOf(
      signedCallback({ at: NOW, change: { push_duration: 60_000 } }),
    );
    const { sourceKey, ...found } = endOf(body);
    expect(found).toEqual({ ...whole, ...left });
    expect(sourceKey.key).not.toBe('');
    const entry = callbackEntry('default', message, NOW, PUSH_KEYS);
    expect(entry.body[field]).toEqual(value);
  });

  it('keeps a usable field of another name', () => {
    const message = parseCallback(signedCallback({ change: { errcode: 'one', errorcode: 8 } }));
    expect(message).toMatchObject({ errcode: 8, unreadableFields: ['errcode'] });
  });

  it('masks secrets inside it', () => {
    const secret = 'f85a2ab363fe4deaffef9754d79da6fe';
    for (const value of [
      [`txSecret=${secret}&txTime=5C271099`],
      { query: `txSecret=${secret}`, sign: secret },
      { deep: [{ url: `rtmp://a.example.com/live/s?txSecret=${secret}` }] },
    ]) {
      for (const field of ['width', 'user_ip', 'stream_param', 'sequence', 'errmsg']) {
        const body = signedCallback({ at: NOW, change: { [field]: value } });
        const entry = callbackEntry('default', parseCallback(body), NOW, PUSH_KEYS);
        expect(JSON.stringify([entry, readArrival(entry)])).not.toContain(secret);
      }
    }
  });
});

describe('invalid callbacks', () => {
  it.each<[string, Record<string, unknown>]>([
    ['CALLBACK_BAD_FIELD event_type', { event_type: undefined }],
    ['CALLBACK_BAD_FIELD event_type', { event_type: 'zero' }],
    ['CALLBACK_UNKNOWN_TYPE', { event_type: 7 }],
    ['CALLBACK_BAD_FIELD app', { app: undefined }],
    ['CALLBACK_BAD_FIELD app', { app: 5 }],
    ['CALLBACK_BAD_FIELD appname', { appname: '' }],
    ['CALLBACK_BAD_FIELD stream_id', { stream_id: undefined, channel_id: undefined }],
    ['CALLBACK_BAD_FIELD event_time', { event_time: undefined }],
    ['CALLBACK_BAD_FIELD event_time', { event_time: NOW }],
    ['CALLBACK_BAD_FIELD event_time', { event_time: 1.5 }],
    ['CALLBACK_BAD_FIELD t', { t: 'soon' }],
    ['CALLBACK_BAD_FIELD sign', { sign: 5 }],
    ['CALLBACK_BAD_FIELD t', { t: NOW / 1000 + 86_401 }],
    ['CALLBACK_UNSIGNED', { sign: undefined }],
    ['CALLBACK_UNSIGNED', { t: undefined }],
    ['CALLBACK_BAD_SIGN', { sign: 'short' }],
    ['CALLBACK_BAD_SIGN', { sign: 'a'.repeat(32) }],
    ['CALLBACK_EXPIRED', { t: NOW / 1000 - 1 }],
    ['none', { t: NOW / 1000 }],
    ['none', { t: String(NOW / 1000 + 86_400) }],
  ])('%s for %j', (code, change) => {
    expect(codeOf(() => take(signedCallback({ at: NOW, change })))).toBe(code);
  });

  it.each([null, [], 'text', 5])('rejects %j, which is not an object', (body) => {
    expect(codeOf(() => parseCallback(body))).toBe('CALLBACK_BAD_FIELD (body)');
  });

  it('rejects any callback without a key, but reports an unsigned one first', () => {
    const message = parseCallback(signedCallback({ at: NOW }));
    expect(codeOf(() => verifyCallback(message, [], 'shop', NOW))).toBe('CALLBACK_NO_KEY');
    expect(codeOf(() => verifyCallback(message, [''], 'shop', NOW))).toBe('CALLBACK_NO_KEY');
    const unsigned = { ...message, sign: null };
    expect(codeOf(() => verifyCallback(unsigned, [], 'shop', NOW))).toBe('CALLBACK_UNSIGNED');
  });

  it('accepts both keys while a key is changed', () => {
    const message = parseCallback(signedCallback({ at: NOW }));
    for (const keys of [
      ['old', CALLBACK_KEY],
      [CALLBACK_KEY, 'new'],
    ]) {
      expect(codeOf(() => verifyCallback(message, keys, 'shop', NOW))).toBe('none');
    }
    expect(codeOf(() => verifyCallback(message, ['old', 'new'], 'shop', NOW))).toBe(
      'CALLBACK_BAD_SIGN',
    );
  });

  it('reports how long ago it expired', () => {
    const body = signedCallback({ at: NOW - 700_000 });
    expect(() => take(body)).toThrow('expired 1 min 40 s ago');
  });

  it('returns an entry or a coded error for any body', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.keys(signedCallback()), 'errorcode', 'push_duration', 'width'),
          fc.jsonValue(),
        ),
        fc.boolean(),
        (change, whole) => {
          const body = whole ? signedCallback({ at: NOW, change }) : change;
          expect(codeOf(() => take(body))).toMatch(/^(none|CALLBACK_)/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('secrets', () => {
  it('are neither in the entry nor in errors', () => {
    const body = signedCallback({ at: NOW });
    const entry = callbackEntry('default', parseCallback(body), NOW, PUSH_KEYS);
    const secret = /txSecret=([0-9a-f]{32})/.exec(String(body.stream_param))?.[1] as string;
    const text = JSON.stringify([entry, readArrival(entry)]);
    expect(text).not.toContain(body.sign);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(PUSH_KEY);
    try {
      verifyCallback(parseCallback(body), ['anotherkey'], 'default', NOW);
      expect.unreachable();
    } catch (thrown) {
      const error = thrown as BreakwatchError;
      const said = `${error.message} ${error.remedy} ${JSON.stringify(error.details)}`;
      expect(said).not.toContain(body.sign);
      expect(said).not.toContain('anotherkey');
    }
  });
});
