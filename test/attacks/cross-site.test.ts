import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { ask, QUERY, type Question } from './ask.ts';

const YAML = `
server:
  allowedOrigins: [https://tools.example.com]
alerts:
  publicUrl: https://breakwatch.example.com
`;
const TOKEN = 'correct-horse-battery-staple';

/** What a browser sends for a script of another page that needs no permission of the server. */
const FOREIGN = {
  'content-type': 'text/plain',
  origin: 'https://evil.example',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': 'empty',
};
/** What a browser sends when somebody follows a link. */
const LINK = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

describe.each([
  ['without a token', undefined],
  ['with a token', TOKEN],
])('a server %s', (_name, token) => {
  let serve: ServeProcess;
  beforeAll(async () => {
    serve = await startServe(YAML, token ? { BREAKWATCH_TOKEN: token } : {});
  });
  afterAll(() => serve?.remove());

  /** A browser that knows the token sends it with every request, also for another page. */
  const send = (path: string, { headers, ...question }: Question) =>
    ask(serve.url, path, {
      ...question,
      headers: {
        ...(token ? { authorization: `Basic ${btoa(`any:${token}`)}` } : {}),
        ...headers,
      },
    });

  it.each([
    ['POST', '/api/v1/import?account=default', '{"event_type":0}'],
    ['POST', '/api/v1/rules/apply?from=0&to=9999999999999', ''],
    ['POST', '/api/v1/query', QUERY],
    ['POST', '/api/v1/explain', '{"text":"18/501"}'],
    ['POST', '/api/v1/actions', '{"account":"default","action":"drop","domain":"d","stream":"s"}'],
    ['POST', '/api/v1/incidents/one/acknowledge', '{"by":"CEO"}'],
    ['POST', '/api/v1/alerts/test', '{}'],
    ['GET', '/api/v1/breaks', undefined],
    ['GET', '/metrics', undefined],
  ])('refuses %s %s for a page of another site', async (method, path, body) => {
    const question = { method, ...(body === undefined ? {} : { body }) };
    const refused = await send(path, { ...question, headers: FOREIGN });
    expect(refused).toMatchObject({ status: 403, code: 'CROSS_SITE_REQUEST' });
    expect(refused.text).toContain('https://evil.example');
    // Another port of this machine is another page, too.
    const sibling = { ...FOREIGN, origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' };
    expect((await send(path, { ...question, headers: sibling })).status).toBe(403);
    // Browsers send no Sec-Fetch-Site to plain HTTP on a network.
    const old = { origin: 'https://evil.example' };
    expect((await send(path, { ...question, headers: old })).status).toBe(403);
    const sandbox = { origin: 'null' };
    expect((await send(path, { ...question, headers: sandbox })).status).toBe(403);
  });

  it('stores nothing that a page of another site sends', async () => {
    const line = JSON.stringify(signedCallback());
    const path = '/api/v1/import?account=default';
    await send(path, { method: 'POST', headers: FOREIGN, body: line });
    const { text } = await send('/api/v1/breaks', {});
    expect(JSON.parse(text).breaks).toEqual([]);
  });

  it.each([
    ['a program', {}],
    ['the page itself', { origin: 'SELF', 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['the page in an old browser', { origin: 'SELF' }],
    ['the page behind a proxy', { origin: 'https://breakwatch.example.com' }],
    ['a listed page', { origin: 'https://tools.example.com', 'sec-fetch-site': 'cross-site' }],
  ])('answers %s', async (_who, headers) => {
    const named = JSON.parse(JSON.stringify(headers).replace('SELF', serve.url));
    const answer = await send('/api/v1/query', { method: 'POST', headers: named, body: QUERY });
    expect(answer.status).toBe(200);
  });

  it('opens the page and a runbook by a link in a chat, and nothing else', async () => {
    // 404 without a built page; the request was not refused.
    for (const path of ['/', '/runbooks/auth-url-expired', '/incidents/abc']) {
      expect((await send(path, { headers: LINK })).code).not.toBe('CROSS_SITE_REQUEST');
    }
    for (const path of [
      '/api/v1/breaks',
      '//api/v1/breaks',
      '/%61pi/v1/breaks',
      '/metrics',
      '/%6Detrics',
      '/API/v1/breaks',
    ]) {
      expect((await send(path, { headers: LINK })).code).toBe('CROSS_SITE_REQUEST');
    }
    const form = { method: 'POST', headers: LINK, body: '' };
    expect((await send('/api/v1/rules/apply?from=0&to=1', form)).status).toBe(403);
    const frame = { headers: { ...LINK, 'sec-fetch-dest': 'iframe' } };
    expect((await send('/', frame)).code).toBe('CROSS_SITE_REQUEST');
  });

  it('counts what it refuses', async () => {
    await send('/api/v1/breaks', { headers: FOREIGN });
    const { text } = await send('/metrics', {});
    expect(text).toMatch(/breakwatch_http_errors_total\{code="CROSS_SITE_REQUEST"\} [1-9]/);
  });
});
