import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { ask } from './ask.ts';

describe('a server without a token', () => {
  let serve: ServeProcess;
  beforeAll(async () => {
    serve = await startServe(
      `
server:
  allowedHosts: [bw.internal]
alerts:
  publicUrl: https://breakwatch.example.com/
accounts:
  - name: polled
    secretId: id
    secretKey: key
    endpoint: http://127.0.0.1:9
`,
      {},
    );
  });
  afterAll(() => serve?.remove());
  const get = (path: string, host: string) => ask(serve.url, path, { headers: { host } });

  it.each([
    'evil.example',
    'evil.example:7070',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil.example.',
    '@127.0.0.1',
    'breakwatch.example.com.evil.example',
  ])('does not answer for the host "%s"', async (host) => {
    for (const path of ['/api/v1/breaks', '/metrics', '/', '/nothing']) {
      expect(await get(path, host)).toMatchObject({ status: 421, code: 'HOST_NOT_ALLOWED' });
    }
  });

  it('takes no feedback for another host', async () => {
    const refused = await ask(serve.url, '/api/v1/breaks/b1/feedback', {
      method: 'POST',
      headers: { host: 'evil.example', origin: 'http://evil.example' },
      body: '{"verdict":"wrong","by":"x"}',
    });
    expect(refused.status).toBe(421);
  });

  it.each([
    'localhost',
    'LOCALHOST:7070',
    'localhost.',
    'app.localhost',
    '127.0.0.1:7070',
    '[::1]:7070',
    '192.0.2.7:7070',
    'breakwatch.example.com',
    'bw.internal:8080',
  ])('answers for %s', async (host) => {
    expect((await get('/api/v1/breaks', host)).status).toBe(200);
  });

  it('answers probes and signed callbacks under every name', async () => {
    expect((await get('/healthz', 'evil.example')).status).toBe(200);
    expect((await get('/readyz', 'evil.example')).status).toBe(200);
    const post = (account: string) =>
      ask(serve.url, `/callbacks/css/${account}`, {
        method: 'POST',
        headers: { host: 'callbacks.example.com' },
        body: JSON.stringify(signedCallback()),
      });
    expect((await post('default')).status).toBe(200);
    // This account has no callback key, so nothing proves who sends.
    expect((await post('polled')).code).toBe('HOST_NOT_ALLOWED');
  });
});

describe('the shipped docker-compose.yaml', () => {
  interface Service {
    environment: Record<string, string | null>;
    healthcheck?: { test: string[] };
  }
  const compose = parse(
    readFileSync(new URL('../../docker-compose.yaml', import.meta.url), 'utf8'),
  ) as { services: Record<string, Service> };
  const outer: Record<string, string> = { BREAKWATCH_TOKEN: 'a-token-of-ones-own' };
  /** The variables of a service, as `docker compose` fills them in. */
  const environmentOf = (name: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(compose.services[name]?.environment ?? {}).map(([variable, value]) => [
        variable,
        String(value ?? outer[variable] ?? '').replace(
          /\$\{(\w+):-([^}]*)\}/g,
          (_all, inner: string, fallback: string) => outer[inner] ?? fallback,
        ),
      ]),
    );
  let serve: ServeProcess;
  beforeAll(async () => {
    serve = await startServe('', {
      ...environmentOf('breakwatch'),
      // The account that a user of the file would have, and a free port.
      BREAKWATCH_CALLBACK_KEY: 'testcallbackkey0123456789',
      BREAKWATCH_PORT: '0',
    });
    serve.url = serve.url.replace('0.0.0.0', '127.0.0.1');
  });
  afterAll(() => serve?.remove());

  it('lets Grafana ask by the name of the service', async () => {
    const { BREAKWATCH_URL = '', BREAKWATCH_TOKEN } = environmentOf('grafana');
    const { host } = new URL(BREAKWATCH_URL);
    expect(host).toBe('breakwatch:7070');
    const answer = await ask(serve.url, '/api/v1/health', {
      headers: { host, authorization: `Bearer ${BREAKWATCH_TOKEN}` },
    });
    expect(answer.status).toBe(200);
  });

  it('lets its health check and the browser ask', async () => {
    const check = compose.services.breakwatch?.healthcheck?.test.join(' ') ?? '';
    const probe = new URL(/http:[^']+/.exec(check)?.[0] ?? '');
    const asked = await ask(serve.url, probe.pathname, { headers: { host: probe.host } });
    expect(asked.status).toBe(200);
    const page = new URL(environmentOf('grafana').BREAKWATCH_PUBLIC_URL ?? '');
    const authorization = `Basic ${btoa(`any:${outer.BREAKWATCH_TOKEN}`)}`;
    const shown = await ask(serve.url, '/api/v1/breaks', {
      headers: {
        host: page.host,
        origin: page.origin,
        'sec-fetch-site': 'same-origin',
        authorization,
      },
    });
    expect(shown.status).toBe(200);
  });

  it('answers the probes of Kubernetes, which ask the address of the pod', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const headers = { host: '10.42.3.17:7070', 'user-agent': 'kube-probe/1.32' };
      expect((await ask(serve.url, path, { headers })).status).toBe(200);
    }
  });
});
