import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { type Asked, ask } from './ask.ts';

const SHARED = 'the-shared-token';
const YAML = `
server:
  tokens: tokens.yaml
  singleSignOn:
    header: X-Forwarded-User
    proxies: [127.0.0.2]
    roles: [read, write]
trustProxy: [127.0.0.3]
`;
const DROP = JSON.stringify({
  account: 'default',
  action: 'drop',
  domain: 'push.example.com',
  stream: 'room-1',
  by: 'CEO',
});

let serve: ServeProcess;
const tokens: Record<string, string> = {};
const lines: Record<string, string> = {};

/** Creates a token with the command, and remembers it and its line. */
async function create(name: string, ...roles: string[]): Promise<void> {
  const args = roles.flatMap((role) => ['--role', role]);
  const { code, output } = await serve.runAlone({}, 'token', 'new', name, ...args);
  expect(code).toBe(0);
  const [token = '', line = ''] = output.split('\n');
  tokens[name] = token;
  lines[name] = line;
}

const writeTokens = (...names: string[]) =>
  writeFile(join(serve.folder, 'tokens.yaml'), names.map((name) => `${lines[name]}\n`).join(''));

function send(
  token: string | undefined,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return ask(serve.url, path, {
    method,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

let visits = 0;

/**
 * Asks with a token until the answer has a status, as a changed file is read every two seconds. Each try
 * comes from another address, so that none is made to wait.
 */
async function until(status: number, token: string | undefined): Promise<void> {
  for (;;) {
    visits += 1;
    const { status: found } = await ask(serve.url, '/api/v1/breaks', {
      headers: { authorization: `Bearer ${token}` },
      localAddress: `127.1.${visits >> 8}.${visits & 255}`,
    });
    if (found === status) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  serve = await prepareServe(YAML, { BREAKWATCH_TOKEN: SHARED });
  await create('reader', 'read');
  await create('importer', 'write');
  await create('ann', 'read', 'write', 'act');
  await writeTokens('reader', 'importer', 'ann');
  await serve.start();
});
afterAll(() => serve?.remove());

describe('named tokens', () => {
  it('are stored as a hash only', async () => {
    const file = await readFile(join(serve.folder, 'tokens.yaml'), 'utf8');
    expect(tokens.reader).toMatch(/^bw_[\w-]{43}$/);
    expect(file).not.toContain(tokens.reader);
    expect(file).toMatch(/sha256: "[0-9a-f]{64}"/);
  });

  const line = JSON.stringify(signedCallback());
  it.each([
    ['GET', '/api/v1/breaks', 'read', undefined],
    ['GET', '/metrics', 'read', undefined],
    ['GET', '/api/v1/actions', 'read', undefined],
    ['POST', '/api/v1/query', 'read', '{}'],
    ['POST', '/api/v1/import?account=default', 'write', line],
    ['POST', '/api/v1/rules/apply?from=0&to=1', 'write', ''],
    ['POST', '/api/v1/alerts/test', 'write', '{}'],
    ['POST', '/api/v1/breaks/none/feedback', 'write', '{"verdict":"right","by":"x"}'],
    ['POST', '/api/v1/actions', 'act', DROP],
  ])('%s %s needs the role %s', async (method, path, role, body) => {
    for (const [name, roles] of [
      ['reader', ['read']],
      ['importer', ['write']],
      ['ann', ['read', 'write', 'act']],
    ] as const) {
      const { code, text } = await send(tokens[name], method, path, body);
      if ((roles as readonly string[]).includes(role)) {
        expect(code).not.toBe('ROLE_MISSING');
        expect(code).not.toBe('TOKEN_REQUIRED');
      } else {
        expect(code).toBe('ROLE_MISSING');
        expect(text).toContain(`The token ${name} has the roles ${roles.join(', ')}`);
      }
    }
    expect((await send(SHARED, method, path, body)).code).not.toBe('ROLE_MISSING');
  });

  it('sign what they do with their name, whatever the body says', async () => {
    // Account default has no API key, so nothing is dropped; remarks show the name.
    await serve.breakAll(1);
    const { text } = await send(tokens.ann, 'GET', '/api/v1/breaks');
    const [{ id }] = JSON.parse(text).breaks;
    const path = `/api/v1/breaks/${id}/feedback`;
    const said = await send(tokens.importer, 'POST', path, '{"verdict":"wrong","by":"CEO"}');
    expect(JSON.parse(said.text)).toMatchObject({ by: 'importer' });
    const shared = await send(SHARED, 'POST', path, '{"verdict":"right","by":"CEO"}');
    expect(JSON.parse(shared.text)).toMatchObject({ by: 'CEO' });
  });

  it('come and go without a restart, and a mistake in the file changes nothing', async () => {
    await create('next', 'read');
    await writeTokens('reader', 'importer', 'ann', 'next');
    await until(200, tokens.next);
    expect((await send(tokens.reader, 'GET', '/api/v1/breaks')).status).toBe(200);

    await writeFile(join(serve.folder, 'tokens.yaml'), '- { name: x, roles: [reed], sha256: "" }');
    while (!serve.errors.includes('not ["reed"]')) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect((await send(tokens.next, 'GET', '/api/v1/breaks')).status).toBe(200);

    await writeTokens('reader', 'importer', 'ann');
    await until(401, tokens.next);
    expect((await send(tokens.reader, 'GET', '/api/v1/breaks')).status).toBe(200);
  });
});

describe('the server that guesses are sent to', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('makes an address wait after ten wrong tokens, and no other address', async () => {
    // Only a listed proxy may say for whom it asks, and these requests come from 127.0.0.1.
    for (let index = 0; index < 10; index += 1) {
      const guess = await send(
        `guess-${index}`,
        'GET',
        '/api/v1/breaks',
        undefined,
        from('192.0.2.1'),
      );
      expect(guess.status).toBe(401);
    }
    const refused = await send('guess', 'GET', '/metrics');
    expect(refused).toMatchObject({ status: 429, code: 'TOO_MANY_WRONG_TOKENS' });
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    // A token that was right here before still works; one that was not must wait, right or wrong.
    expect((await send(tokens.reader, 'GET', '/api/v1/breaks')).status).toBe(200);
    await create('fresh', 'read');
    await writeTokens('reader', 'importer', 'ann', 'fresh');
    await until(200, tokens.fresh);
    expect((await send(tokens.fresh, 'GET', '/api/v1/breaks')).status).toBe(429);
    const { text } = await send(SHARED, 'GET', '/metrics');
    expect(text).toMatch(/breakwatch_http_errors_total\{code="TOO_MANY_WRONG_TOKENS"\} [1-9]/);
  });

  it('keeps addresses behind a trusted proxy apart', async () => {
    const guess = (address: string) =>
      ask(serve.url, '/api/v1/breaks', {
        headers: { authorization: 'Bearer wrong', ...from(address) },
        localAddress: '127.0.0.3',
      });
    for (let index = 0; index < 10; index += 1) {
      expect((await guess('198.51.100.1')).status).toBe(401);
    }
    expect((await guess('198.51.100.1')).status).toBe(429);
    expect((await guess('198.51.100.2')).status).toBe(401);
  });

  it('does not count requests without a token', async () => {
    for (let index = 0; index < 15; index += 1) {
      expect((await ask(serve.url, '/metrics', { localAddress: '127.0.0.5' })).status).toBe(401);
    }
  });
});

describe('single sign-on', () => {
  const signedOn = (localAddress: string, name: string) =>
    ask(serve.url, '/api/v1/breaks/none/feedback', {
      method: 'POST',
      headers: { 'x-forwarded-user': name },
      body: '{"verdict":"right","by":"x"}',
      localAddress,
    });

  it('believes the header of a listed proxy only', async () => {
    expect((await signedOn('127.0.0.2', 'bob@example.com')).code).toBe('UNKNOWN_BREAK');
    expect((await signedOn('127.0.0.6', 'bob@example.com')).code).toBe('TOKEN_REQUIRED');
    // The caller sent the header too, and the proxy added its own.
    expect((await signedOn('127.0.0.2', 'root, bob')).code).toBe('TOKEN_REQUIRED');
    expect((await signedOn('127.0.0.2', '')).code).toBe('TOKEN_REQUIRED');
  });

  it('gives the configured roles', async () => {
    const act = await ask(serve.url, '/api/v1/actions', {
      method: 'POST',
      headers: { 'x-forwarded-user': 'bob' },
      body: DROP,
      localAddress: '127.0.0.2',
    });
    expect(act).toMatchObject({ status: 403, code: 'ROLE_MISSING' });
  });
});
