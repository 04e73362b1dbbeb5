import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPLAIN_LENGTH } from '../../src/contract/limits.ts';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { ask } from './ask.ts';

const TOKEN = 'attack';
const SECRET = '5eb63bbbe01eeed093cb22bb8f5acdc3';

let serve: ServeProcess;
beforeAll(async () => {
  serve = await startServe('', { BREAKWATCH_TOKEN: TOKEN });
});
afterAll(() => serve?.remove());

const headers = { authorization: `Bearer ${TOKEN}` };
const explain = (text: string) =>
  ask(serve.url, '/api/v1/explain', { method: 'POST', headers, body: JSON.stringify({ text }) });

/** Fills the longest text that is allowed. */
const fill = (part: string, head = '', tail = '') =>
  head + part.repeat(Math.floor((EXPLAIN_LENGTH - head.length - tail.length) / part.length)) + tail;

/**
 * Texts that take quadratic time or more when a pattern tries each beginning anew. Then a single one takes minutes,
 * and the suite stops.
 */
const SLOW: Record<string, string> = {
  'signs before a last letter': fill('.', '', 'x'),
  'signs in a callback': JSON.stringify({
    ...{ event_type: 0, app: 'd.example.com', appname: 'live', stream_id: 's' },
    ...{ event_time: 1_767_225_600, errcode: 1, errmsg: '.'.repeat(100_000).concat('x') },
  }),
  'signs in a record': JSON.stringify({ StopReason: `${'. '.repeat(60_000)}x` }),
  'blanks before a colon': fill(' ', 'InternalError', 'x'),
  'messages of an API error': fill(' message="', 'code=InternalError.New'),
  'brackets after a message': fill('} ] ', 'code=InternalError.New message=a', 'x'),
  'codes without a value': fill('code = ', '', '!'),
  'quotes in quotes': fill('"'),
  'names of secrets': fill('txSecret = '),
  'percent signs': fill('%25'),
  'a URL of many parameters': fill('&a=b', 'rtmp://d.example.com/live/s?a'),
  'a URL of many slashes': fill('/', 'rtmp://d.example.com/live'),
  'a stream id of many parts': fill(',a=b', 'srt://d.example.com:9000?streamid=#!::h=d'),
  'many beginnings of a URL': fill('rtmp://'),
  'letters alone': fill('a'),
  'Chinese letters': fill('推'),
  'Base64 in Base64': fill('QWxhZGRpbjpvcGVuIHNlc2FtZQ'),
};

describe('texts to explain that mean harm', () => {
  it.each(Object.entries(SLOW))(
    'answers %s, and the server stays well',
    async (_name, text) => {
      const { status, text: body } = await explain(text);
      expect(status).toBe(200);
      expect(body.length).toBeLessThan(200_000);
      expect((await ask(serve.url, '/healthz')).status).toBe(200);
    },
    60_000,
  );

  it('reads deep JSON, and JSON with names that every object has', async () => {
    for (const text of [
      fill('['),
      fill('{"a":'),
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      `{"StopReason":"x","y":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      '{"__proto__":{"errcode":18},"constructor":1}',
      '{"errcode":"18","toString":1}',
      '{"reason":"__proto__"}',
      '{"StreamName":{"toString":"a"}}',
      'constructor',
      '__proto__',
      'toString.valueOf',
    ]) {
      const { status, text: body } = await explain(text);
      expect([text.slice(0, 40), status]).toEqual([text.slice(0, 40), 200]);
      expect(body.length).toBeLessThan(100_000);
    }
  });

  it('judges thousands of events with few causes', async () => {
    const { status, text } = await explain(fill('{"errcode":14}\n'));
    expect(status).toBe(200);
    const { events, totalCauses, complete } = JSON.parse(text);
    // On a slow machine it stops after three seconds, and says so.
    expect(events).toBeGreaterThan(complete ? 8_000 : 0);
    expect(totalCauses).toBe(1);
  });

  it('repeats no secret, whatever holds it', async () => {
    const url = `rtmp://d.example.com/live/s?txSecret=${SECRET}&txTime=5C2A3CFF`;
    const callback = {
      ...{ event_type: 0, app: 'd.example.com', appname: 'live', stream_id: 's', errcode: 1 },
      ...{ event_time: 1_767_225_600, t: 1_767_225_600, sign: SECRET },
      stream_param: `txSecret=${SECRET}&txTime=5C2A3CFF`,
    };
    for (const text of [
      url,
      url.replace('?', '&'),
      `${url} ${url}`,
      `curl -X POST '${url}' failed`,
      `srt://d.example.com:9000?streamid=#!::h=d.example.com,r=live/s,txSecret=${SECRET}`,
      `https://d.example.com/whip\nAuthorization: Bearer ${url.replace('rtmp', 'webrtc')}`,
      JSON.stringify(callback),
      JSON.stringify(callback).slice(0, -1),
      JSON.stringify([callback, { ...callback, errmsg: `sign ${SECRET}` }]),
      JSON.stringify({ ...callback, event_time: SECRET }),
      JSON.stringify({ StreamName: `s?txSecret=${SECRET}`, StopReason: `txSecret=${SECRET}` }),
      JSON.stringify({ reasonText: `txSecret=${SECRET}`, stream: `txSecret=${SECRET}` }),
      JSON.stringify({ reason: `txSecret=${SECRET}` }),
      `InternalError.New: SecretKey=${SECRET}`,
      `code=InternalError.New message="txSecret: ${SECRET}" requestId=1`,
      SECRET,
    ]) {
      const { status, text: body } = await explain(text);
      expect(status).toBe(200);
      expect(body.toLowerCase()).not.toContain(SECRET);
    }
    expect(serve.errors).not.toContain(SECRET);
  });

  it('serves many at once, and refuses more than can wait', async () => {
    const all = await Promise.all(Array.from({ length: 60 }, () => explain(fill('推'))));
    expect(new Set(all.map(({ status }) => status)).has(200)).toBe(true);
    for (const { status, code } of all) {
      expect([200, 503]).toContain(status);
      expect(code).toBe(status === 200 ? undefined : 'SERVER_BUSY');
    }
    expect((await explain('18/501')).status).toBe(200);
  });
});
