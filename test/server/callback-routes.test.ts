import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BreakwatchError } from '../../src/model/errors.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

const SECRET = 'c0ffee00deadbeef';

describe('POST /callbacks/css/:account', () => {
  let running: TestServer;
  /** One store for all; each test looks at what it adds. */
  let temporary: TemporaryStore;
  let before = 0;
  let sent = 0;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
  });
  afterAll(() => temporary?.remove());
  beforeEach(async () => {
    before = (await temporary.store.journal(0, 1_000)).at(-1)?.seq ?? 0;
    sent += 1;
    running = await start();
  });
  afterEach(() => running.stop());

  const start = (change?: Parameters<typeof startTestServer>[1]) =>
    startTestServer({}, change, temporary);
  /** What this test has put into the journal. */
  const journal = () => temporary.store.journal(before, 10);

  const post = (body: BodyInit, path = '/callbacks/css/default', headers: HeadersInit = {}) =>
    fetch(`${running.url}${path}`, { method: 'POST', body, headers });
  const keyOf = (sequence: string) => `${sent}-${sequence}`;
  const good = (sequence: string) => JSON.stringify({ sign: 'right', sequence: keyOf(sequence) });

  it('answers as CSS expects when the journal has it', async () => {
    const response = await post(good('1'));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ code: 0 });
    expect(await journal()).toMatchObject([{ key: keyOf('1') }]);
    expect(
      await running.metric('breakwatch_callbacks_total{account="default",result="accepted"}'),
    ).toBe(1);
  });

  it('does not answer before the engine has stored it', async () => {
    await running.stop();
    let release: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = false;
    running = await start(() => ({
      async acceptCallback() {
        entered = true;
        await taken;
        return { duplicate: false, eventType: 0 as const };
      },
    }));
    let answered = false;
    const response = post(good('1')).then((done) => {
      answered = true;
      return done;
    });
    await vi.waitFor(() => expect(entered).toBe(true));
    // A whole other request goes through meanwhile, so an early answer would be here.
    await fetch(`${running.url}/healthz`);
    expect(answered).toBe(false);
    release();
    expect((await response).status).toBe(200);
  });

  it('accepts a repeated callback without counting it twice', async () => {
    for (const _ of [1, 2, 3]) {
      expect((await post(good('7'))).status).toBe(200);
    }
    expect(await journal()).toHaveLength(1);
    expect(
      await running.metric('breakwatch_callbacks_total{account="default",result="duplicate"}'),
    ).toBe(2);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'something odd',
  ])('accepts the content type %s', async (type) => {
    expect((await post(good('1'), undefined, { 'content-type': type })).status).toBe(200);
  });

  it('accepts a missing content type, and a trailing slash', async () => {
    const bytes = new TextEncoder().encode(good('1'));
    expect((await post(bytes)).status).toBe(200);
    expect((await post(bytes, '/callbacks/css/default/')).status).toBe(200);
  });

  it('says of a compressed body that it is compressed', async () => {
    const response = await post(new Uint8Array(gzipSync(good('1'))));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'BAD_JSON', message: expect.stringContaining('gzip') },
    });
  });

  it('rejects other methods', async () => {
    const response = await fetch(`${running.url}/callbacks/css/default`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it.each<[string, number, string, BodyInit, string?]>([
    ['an unknown account', 404, 'UNKNOWN_ACCOUNT', good('1'), '/callbacks/css/nobody'],
    ['no sign', 401, 'CALLBACK_UNSIGNED', JSON.stringify({ token: SECRET })],
    ['a wrong sign', 401, 'CALLBACK_BAD_SIGN', JSON.stringify({ sign: SECRET })],
    ['a form', 400, 'CALLBACK_FORM_ENCODED', `sign=${SECRET}&t=1`],
    ['invalid JSON', 400, 'BAD_JSON', `sign: ${SECRET}`],
    ['truncated JSON', 400, 'BAD_JSON', `{"sign":"${SECRET}","seq`],
    ['JSON with a syntax error', 400, 'BAD_JSON', `{"sign":"${SECRET}", oops}`],
    ['an empty body', 400, 'BAD_JSON', ''],
    ['invalid UTF-8', 400, 'BAD_JSON', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ['a body over 64 KB', 413, 'BODY_TOO_LARGE', JSON.stringify({ sign: SECRET.repeat(4_097) })],
  ])('rejects %s with %i %s and no secret', async (_name, status, code, body, path) => {
    const response = await post(body, path);
    expect(response.status).toBe(status);
    const text = await response.text();
    const { error } = JSON.parse(text);
    expect(error).toEqual({ code, message: expect.any(String), remedy: expect.any(String) });
    expect(error.message.length).toBeGreaterThan(10);
    expect(running.log).toHaveLength(1);
    expect(running.log[0]).toContain(code);
    expect(text + running.log.join()).not.toContain(SECRET.slice(0, 6));
    expect(await journal()).toEqual([]);
    const account = code === 'UNKNOWN_ACCOUNT' ? 'unknown' : 'default';
    expect(
      await running.metric(
        `breakwatch_callback_refusals_total{account="${account}",code="${code}"}`,
      ),
    ).toBe(1);
  });

  it('accepts a body of exactly 64 KB', async () => {
    const empty = JSON.stringify({ sign: 'right', sequence: '1', pad: '' });
    const pad = 'x'.repeat(64 * 1024 - empty.length);
    const body = JSON.stringify({ sign: 'right', sequence: '1', pad });
    expect(body).toHaveLength(64 * 1024);
    expect((await post(body)).status).toBe(200);
    expect((await post(`${body} `)).status).toBe(413);
  });

  it('logs a repeated rejection once per reason', async () => {
    for (const _ of [1, 2, 3, 4]) {
      await post('{"sign":"wrong"}');
      await post('no JSON');
    }
    expect(running.log).toHaveLength(2);
    expect(
      await running.metric('breakwatch_callbacks_total{account="default",result="refused"}'),
    ).toBe(8);
  });

  it('says in the log when the connection was closed before the end of a callback', async () => {
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /callbacks/css/default HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n{',
    );
    socket.once('connect', () => setTimeout(() => socket.destroy(), 100));
    await vi.waitFor(() => expect(running.log).toHaveLength(1), 20_000);
    expect(running.log[0]).toContain('BAD_JSON');
    expect(running.log[0]).toContain('the connection was closed before the end of the body');
    expect(await journal()).toEqual([]);
  });

  it('counts unknown accounts together, so that requests cannot flood the metrics', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_unused, index) => post(good('1'), `/callbacks/css/a${index}`)),
    );
    expect(
      await running.metric('breakwatch_callbacks_total{account="unknown",result="refused"}'),
    ).toBe(20);
    expect(await running.metrics.render(running.engine)).not.toContain('a19');
  });

  it('makes CSS retry when the store fails', async () => {
    await running.stop();
    running = await startTestServer();
    await running.temporary.store.close();
    const response = await post(good('1'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'STORE_FAILED' } });
  });

  it('does not reveal the text of an unexpected error', async () => {
    await running.stop();
    running = await start(() => ({
      async acceptCallback() {
        throw new TypeError(`can not read ${SECRET}`);
      },
    }));
    const response = await post(good('1'));
    expect(response.status).toBe(500);
    expect((await response.text()) + running.log.join()).not.toContain(SECRET);
    expect(running.log.join()).toContain('callback-routes.test.ts');
  });

  it('returns the errors of the engine', async () => {
    await running.stop();
    running = await start(() => ({
      async acceptCallback() {
        throw new BreakwatchError('CALLBACK_EXPIRED', { ago: '40 s' });
      },
    }));
    const response = await post(good('1'));
    expect(response.status).toBe(401);
    expect((await response.json()).error.message).toContain('40 s ago');
  });
});
