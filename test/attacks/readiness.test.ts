import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareServe, type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { signedCallback } from '../helpers/signed-callback.ts';
import { type Asked, ask } from './ask.ts';

const TOKEN = 'the-token';

/** Repeats a question until its answer is as wanted; the time limit of the test ends it otherwise. */
async function until(question: () => Promise<Asked>, wanted: (answer: Asked) => boolean) {
  for (;;) {
    const answer = await question();
    if (wanted(answer)) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('GET /readyz', () => {
  let serve: ServeProcess;
  let refuses: ReturnType<typeof createServer>;
  let endpoint: string;
  beforeAll(async () => {
    refuses = createServer((_request, answer) => answer.writeHead(500).end()).listen(
      0,
      '127.0.0.1',
    );
    await once(refuses, 'listening');
    endpoint = `http://127.0.0.1:${(refuses.address() as AddressInfo).port}`;
    serve = await startServe(
      `accounts:
  - { name: secret-customer, secretId: id, secretKey: key, endpoint: "${endpoint}", pollSeconds: 1 }
server:
  tokens:
    - { name: act, roles: [act], sha256: "${'0'.repeat(64)}" }
`,
      { BREAKWATCH_TOKEN: TOKEN },
    );
  });
  afterAll(async () => {
    await serve?.remove();
    refuses?.close();
  });

  const ready = (authorization?: string) =>
    ask(serve.url, '/readyz', authorization ? { headers: { authorization } } : {});

  it('shows counts alone without a token that may read', async () => {
    const { text } = await until(
      () => ready(`Bearer ${TOKEN}`),
      ({ text }) => JSON.parse(text).counts.warnings > 0,
    );
    expect(JSON.parse(text).warnings[0].message).toContain('secret-customer');
    for (const wrong of [undefined, 'Bearer wrong']) {
      const { status, text: shown } = await ready(wrong);
      expect(status).toBe(200);
      expect(JSON.parse(shown)).toEqual({
        ready: true,
        counts: { problems: 0, warnings: expect.any(Number) },
      });
    }
  });
});

describe('GET /readyz of a server without a token', () => {
  let serve: ServeProcess;
  beforeAll(async () => {
    serve = await startServe('', {});
  });
  afterAll(() => serve?.remove());

  it('shows details under its own host names only', async () => {
    const own = await ask(serve.url, '/readyz');
    expect(JSON.parse(own.text)).toMatchObject({ ready: true, problems: [], warnings: [] });
    const other = await ask(serve.url, '/readyz', { headers: { host: 'evil.example' } });
    expect(Object.keys(JSON.parse(other.text))).toEqual(['ready', 'counts']);
  });
});

describe.skipIf(process.platform !== 'linux')('a disk that accepts no more', () => {
  let serve: ServeProcess;
  beforeAll(async () => {
    serve = await prepareServe('', {});
    await serve.start();
  });
  afterAll(() => serve?.remove());

  /** Limits the size of every file that the server writes, as a full disk would. */
  const limitFiles = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(serve.pid()), `--fsize=${bytes}:unlimited`]);
  let sequence = 0;
  const callback = () => {
    sequence += 1;
    return ask(serve.url, '/callbacks/css/default', {
      method: 'POST',
      body: JSON.stringify(signedCallback({ change: { sequence: `full-${sequence}` } })),
    });
  };
  const ready = () => ask(serve.url, '/readyz');

  it('makes the server unready at the first refused callback, and ready again without a callback', async () => {
    expect((await callback()).status).toBe(200);
    expect((await ready()).status).toBe(200);
    limitFiles('1024');
    const refused = await callback();
    expect(refused.status).toBe(503);
    expect(refused.code).toMatch(/^STORE_/);
    const { status, text } = await ready();
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({
      ready: false,
      counts: { problems: 1 },
      problems: [{ code: refused.code }],
    });
    // It tries by itself meanwhile, and stays unready while that fails.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect((await ready()).status).toBe(503);
    limitFiles('unlimited');
    await until(ready, ({ status: found }) => found === 200);
    expect((await callback()).status).toBe(200);
  });

  it('logs one line for many refused callbacks', async () => {
    limitFiles('1024');
    const before = serve.errors.length;
    for (let index = 0; index < 300; index += 1) {
      expect((await callback()).status).toBe(503);
    }
    limitFiles('unlimited');
    await until(ready, ({ status }) => status === 200);
    const lines = serve.errors.slice(before).split('\n');
    const refusals = lines.filter((line) => line.includes('callback of default refused'));
    expect(refusals.length).toBeLessThanOrEqual(2);
  });
});

describe('a full event stream', () => {
  let serve: ServeProcess;
  beforeAll(async () => {
    serve = await startServe('', {});
  });
  afterAll(() => serve?.remove());

  it('is refused without filling the log', async () => {
    const open: AbortController[] = [];
    // Kept, as the connection of a response that is collected as garbage is closed.
    const responses: Response[] = [];
    for (let index = 0; index < 560; index += 1) {
      const abort = new AbortController();
      open.push(abort);
      responses.push(await fetch(`${serve.url}/api/v1/stream`, { signal: abort.signal }));
    }
    for (const abort of open) {
      abort.abort();
    }
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(500);
    expect(statuses.filter((status) => status === 503)).toHaveLength(60);
    await serve.kill('SIGTERM');
    const lines = serve.errors.split('\n').filter((line) => line.includes('STREAM_FULL'));
    // The first one, and one line with the number of the others.
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('(and 58 more like this)');
  });
});
