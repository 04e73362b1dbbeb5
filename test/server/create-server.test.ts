import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServer, type ServerOptions } from '../../src/server/create-server.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

let temporary: TemporaryStore;
beforeAll(async () => {
  temporary = await openTemporaryStore();
});
afterAll(() => temporary?.remove());

const start = (options: Partial<ServerOptions> = {}) =>
  startTestServer(options, undefined, temporary);

describe('createServer', () => {
  let running: TestServer;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running.stop());

  const another = (options: object) =>
    createServer({
      engine: running.engine,
      metrics: running.metrics,
      host: '127.0.0.1',
      port: 0,
      ...options,
    });

  it('returns its real port', () => {
    expect(running.server.port).toBeGreaterThan(0);
    expect(running.url).toBe(`http://127.0.0.1:${running.server.port}`);
  });

  it('reports a port that is in use', async () => {
    await expect(another({ port: running.server.port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      details: { port: running.server.port, host: '127.0.0.1' },
    });
  });

  it('reports an address that it cannot listen on', async () => {
    await expect(another({ host: '192.0.2.1', token: 't' })).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringContaining('192.0.2.1'),
    });
  });

  it.each(['0.0.0.0', '::', '10.0.0.5', 'example.com', '127.evil.example'])(
    'does not listen on %s without a token',
    async (host) => {
      await expect(another({ host })).rejects.toMatchObject({ code: 'TOKEN_NEEDED_FOR_HOST' });
    },
  );

  it('listens on all addresses with a token', async () => {
    const open = await another({ host: '0.0.0.0', token: 'secret' });
    expect((await fetch(`http://127.0.0.1:${open.port}/healthz`)).status).toBe(200);
    await open.close();
  });

  it('does not answer after it is closed', async () => {
    const own = await start();
    await own.server.close();
    await expect(fetch(`${own.url}/healthz`)).rejects.toThrow();
  });

  it('closes even if clients stop sending or reading, and cancels their queries', async () => {
    let asked: AbortSignal | undefined;
    const own = await startTestServer(
      { closesWithinMs: 50 },
      () => ({
        query: (_request, signal) => {
          asked = signal;
          return new Promise((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(signal.reason)),
          );
        },
      }),
      temporary,
    );
    const { port } = own.server;
    const sockets = [
      'POST /callbacks/css/default HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"sign":',
      'GET /healthz HTTP/1.1\r\nho',
      'GET /api/v1/stream HTTP/1.1\r\nhost: x\r\n\r\n',
    ].map((text) => {
      const socket = connect(port, '127.0.0.1').pause();
      // It will be cut off.
      socket.on('error', () => undefined).write(text);
      return socket;
    });
    const question = fetch(`${own.url}/api/v1/query`, {
      method: 'POST',
      body: '{"from":1,"to":2,"queries":[{"refId":"A","queryType":"alerts"}]}',
    }).catch(() => 'cut off');
    await vi.waitFor(() => expect(asked).toBeDefined(), 20_000);
    await own.server.close();
    expect(await question).toBe('cut off');
    await vi.waitFor(() => expect(asked?.aborted).toBe(true));
    expect(own.log.filter((line) => line.startsWith('error'))).toEqual([]);
    for (const socket of sockets) {
      socket.destroy();
    }
  });

  it('rejects queries above the limit, and still answers other requests', async () => {
    let asked = 0;
    const own = await startTestServer(
      { closesWithinMs: 0 },
      () => ({
        breaks: () => {
          asked += 1;
          return new Promise(() => undefined);
        },
      }),
      temporary,
    );
    const refused: string[] = [];
    const questions = Array.from({ length: 70 }, async () => {
      const response = await fetch(`${own.url}/api/v1/breaks`);
      refused.push((await response.json()).error.code);
    });
    const settled = Promise.allSettled(questions);
    await vi.waitFor(() => expect(refused).toHaveLength(7), 20_000);
    expect(new Set(refused)).toEqual(new Set(['SERVER_BUSY']));
    expect(asked).toBe(3);
    expect(own.log).toEqual([]);
    expect(await own.metric('breakwatch_http_errors_total{code="SERVER_BUSY"}')).toBe(7);
    expect((await fetch(`${own.url}/healthz`)).status).toBe(200);
    await own.stop();
    await settled;
  });

  it.each(['/healthz', '/api/v1/health', '/api/v1/nothing', '/metrics'])(
    'sends security headers with %s',
    async (path) => {
      const { headers } = await fetch(`${running.url}${path}`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );
});

describe('the token', () => {
  let running: TestServer;
  beforeAll(async () => {
    running = await start({ token: 'open-sesame', trustProxy: ['127.0.0.1'] });
  });
  afterAll(() => running.stop());

  let callers = 0;
  /** Each request comes from another address, so that none is made to wait after wrong tokens. */
  const get = (path: string, authorization?: string) => {
    callers += 1;
    const headers = { 'x-forwarded-for': `192.0.2.${callers}` };
    return fetch(`${running.url}${path}`, {
      headers: authorization ? { ...headers, authorization } : headers,
    });
  };
  const basic = (password: string) => `Basic ${Buffer.from(`any:${password}`).toString('base64')}`;

  it.each([
    '/api/v1/health',
    '/api/v1/breaks',
    '/api/v1/values/stream',
    '/api/v1/lookup?text=18',
    '/api/v1/stream',
    '/metrics',
  ])('is required at %s', async (path) => {
    for (const wrong of [
      undefined,
      'Bearer wrong',
      'open-sesame',
      'Digest open-sesame',
      basic('x'),
    ]) {
      const response = await get(path, wrong);
      expect(response.status).toBe(401);
      expect((await response.json()).error.code).toBe('TOKEN_REQUIRED');
    }
  });

  it('is required before a query is read', async () => {
    const response = await fetch(`${running.url}/api/v1/query`, { method: 'POST', body: '{' });
    expect(response.status).toBe(401);
  });

  it('is accepted as a bearer token and as a password (HTTP Basic)', async () => {
    expect((await get('/api/v1/health')).headers.get('www-authenticate')).toContain('Basic');
    for (const right of ['Bearer open-sesame', 'bearer open-sesame', basic('open-sesame')]) {
      expect((await get('/api/v1/health', right)).status).toBe(200);
      expect((await get('/metrics', right)).status).toBe(200);
    }
  });

  it('is not required for callbacks, which are signed, and for probes', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    const callback = await fetch(`${running.url}/callbacks/css/default`, {
      method: 'POST',
      body: '{"sign":"right","sequence":"1"}',
    });
    expect(callback.status).toBe(200);
  });
});

describe('the page', () => {
  let folder: string;
  let running: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-page-'));
    const webRoot = join(folder, 'web');
    await mkdir(join(webRoot, 'assets'), { recursive: true });
    await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>page</title>');
    await writeFile(join(webRoot, 'assets', 'app-1a2b.js'), 'void 0;');
    await writeFile(join(folder, 'secret.txt'), 'not for you');
    running = await start({ webRoot, token: 'open-sesame' });
  });
  afterAll(async () => {
    await running.stop();
    await rm(folder, { recursive: true });
  });

  const get = (path: string) => fetch(`${running.url}${path}`);

  it('is compressed if the browser accepts it', async () => {
    const code = 'void 0;'.repeat(99);
    await writeFile(join(folder, 'web', 'assets', 'big-3c4d.js'), code);
    await writeFile(join(folder, 'web', 'assets', 'big-3c4d.js.br'), brotliCompressSync(code));
    const ask = (encoding: string) =>
      fetch(`${running.url}/assets/big-3c4d.js`, { headers: { 'accept-encoding': encoding } });
    const packed = await ask('br');
    expect(packed.headers.get('content-encoding')).toBe('br');
    expect(packed.headers.get('content-type')).toContain('javascript');
    expect(packed.headers.get('cache-control')).toContain('immutable');
    expect(await packed.text()).toBe(code);
    const plain = await ask('identity');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(code);
  });

  it.each(['/', '/streams/shop-17', '/?range=24h'])('is served at %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>page</title>');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('allows caching of files with a hash', async () => {
    const response = await get('/assets/app-1a2b.js');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-type')).toContain('javascript');
  });

  it.each(['/assets/gone.js', '/favicon.ico', '/..%2fsecret.txt', '/%2e%2e/secret.txt'])(
    'has nothing at %s',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).not.toContain('not for you');
    },
  );

  it('is not served for API paths', async () => {
    const response = await get('/api/v1/nothing');
    expect(response.status).toBe(404);
    expect((await response.json()).error.code).toBe('NOT_FOUND');
  });
});
