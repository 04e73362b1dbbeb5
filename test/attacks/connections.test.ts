import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { ask } from './ask.ts';

let serve: ServeProcess;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.destroy();
  }
  await serve?.remove();
});

/** Opens a connection and sends some text, which may be empty. */
async function open(text: string): Promise<Socket> {
  const { hostname, port } = new URL(serve.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

let sequence = 0;
async function postCallback(): Promise<number> {
  sequence += 1;
  const { status } = await ask(serve.url, '/callbacks/css/default', {
    method: 'POST',
    body: JSON.stringify(signedCallback({ change: { sequence: `connection-${sequence}` } })),
  });
  return status;
}

async function metric(series: string): Promise<number> {
  const { text } = await ask(serve.url, '/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

describe.skipIf(process.platform === 'win32')('a server that may open 160 files', () => {
  it.each([
    ['send nothing', ''],
    ['send half of a header', 'GET /api/v1/breaks HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: '],
    [
      'send half of a body',
      'POST /api/v1/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n{',
    ],
    [
      'send half of a callback',
      'POST /callbacks/css/default HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n{',
    ],
    ['were used before', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ])('takes every callback while 300 connections %s', async (_what, text) => {
    serve = await startServe('', {}, '-n 160');
    const max = await metric('breakwatch_connections_max');
    expect(max).toBeGreaterThanOrEqual(16);
    expect(max).toBeLessThan(160);
    for (let index = 0; index < 300; index += 1) {
      await open(text);
      if (index % 30 === 0) {
        expect(await postCallback()).toBe(200);
      }
    }
    for (let index = 0; index < 20; index += 1) {
      expect(await postCallback()).toBe(200);
    }
    // Closed connections made room for readers, too.
    expect(await metric('breakwatch_connections')).toBeLessThanOrEqual(max);
    expect(
      await metric('breakwatch_connections_closed_total{reason="idle"}'),
    ).toBeGreaterThanOrEqual(300 - max);
    // No file could not be opened: rules are read every second or so.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(serve.errors).not.toMatch(/EMFILE|rules not|error/i);
  });

  it('takes callbacks and refuses other requests while event streams use up the rest', async () => {
    serve = await startServe('', {}, '-n 160');
    const max = await metric('breakwatch_connections_max');
    const agent = new Agent({ keepAlive: false });
    const { hostname, port } = new URL(serve.url);
    const streams: { status: number | undefined; destroy: () => void }[] = [];
    for (let index = 0; index < max; index += 1) {
      const sent = request({ hostname, port, path: '/api/v1/stream', agent });
      sent.on('error', () => undefined);
      sent.end();
      const [answer] = await once(sent, 'response');
      answer.on('error', () => undefined);
      answer.resume();
      streams.push({ status: answer.statusCode, destroy: () => sent.destroy() });
    }
    expect(streams[0]?.status).toBe(200);
    expect(streams.at(-1)?.status).toBe(503);
    const refused = await ask(serve.url, '/api/v1/breaks');
    expect(refused).toMatchObject({ status: 503, code: 'CONNECTIONS_FULL' });
    expect(refused.text).toContain('ulimit -n');
    expect((await ask(serve.url, '/readyz')).status).toBe(200);
    for (let index = 0; index < 20; index += 1) {
      expect(await postCallback()).toBe(200);
    }
    for (const { destroy } of streams) {
      destroy();
    }
  });
});

describe('a connection without a request', () => {
  it('is closed after ten seconds', async () => {
    serve = await startServe('', {});
    const silent = await open('');
    const slow = await open('GET /healthz HTTP/1.1\r\nHost: ');
    const started = Date.now();
    // Reading, so that the end is seen.
    silent.resume();
    slow.resume();
    await Promise.all([once(silent, 'close'), once(slow, 'close')]);
    expect(Date.now() - started).toBeGreaterThan(8_000);
  });
});
