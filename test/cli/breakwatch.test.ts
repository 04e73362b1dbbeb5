import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBreakwatch, runHosted } from '../helpers/run-breakwatch.ts';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(args: string[], input = '', more: NodeJS.ProcessEnv = {}, start = runHosted) {
  const environment = { BREAKWATCH_DATA: join(folder, 'data'), ...more };
  return start(args, { cwd: folder, input, environment });
}

describe('breakwatch diagnose', () => {
  it('answers every line with exactly one JSON line, errors included', async () => {
    const lines = [
      '\uFEFF{"reasonText": "推流时间戳参数值已过期"}',
      '{"bypassCode": 6012}',
      'not json',
      '',
      '{"AppName":"live","DomainName":"d","StreamName":"s","StreamStartTime":"2026-01-07T12:00:00Z","StreamEndTime":"2026-01-07T12:00:09Z","StopReason":"推流链路网络异常","Duration":9,"ClientIp":"-"}',
      JSON.stringify(signedCallback({ change: { errcode: 18, sub_errcode: 202 } })),
      '[]',
    ];
    const { code, output } = await run(
      ['diagnose', '--lang', 'zh'],
      lines.join('\r\n'),
      {},
      runBreakwatch,
    );
    const answers = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toHaveLength(6);
    expect(answers[0]).toMatchObject({
      reason: 'expiry_passed',
      category: 'auth',
      outcome: 'refused',
      rule: 'auth/url-expired',
      confidence: 'certain',
      cause: expect.stringMatching(/\p{Script=Han}/u),
      fix: expect.arrayContaining([expect.stringContaining('txTime')]),
    });
    expect(answers[1]).toMatchObject({ category: 'network', retry: '30s' });
    expect(answers[2]).toMatchObject({ error: { code: 'BAD_JSON' }, line: 3 });
    expect(answers[3]).toMatchObject({ reason: 'network', outcome: 'broken' });
    expect(answers[4]).toMatchObject({ reason: 'arrears', category: 'billing' });
    expect(answers[5]).toMatchObject({ error: { code: 'BAD_EVENT' }, line: 7 });
    expect(code).toBe(1);
    expect(output).not.toContain(signedCallback().sign as string);
  });

  it('reads a file, and names a file that it cannot read', async () => {
    const path = join(folder, 'events.jsonl');
    writeFileSync(path, '{"errcode": 18, "subErrcode": 400}\n');
    const good = await run(['diagnose', path]);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.output)).toMatchObject({ reason: 'ip_blocklisted', category: 'config' });
    const bad = await run(['diagnose', join(folder, 'gone.jsonl')]);
    expect(bad.code).toBe(1);
    expect(bad.errors).toMatch(/FILE_UNREADABLE.*gone\.jsonl/);
  });

  it('lets rules of a team override the shipped ones, and names a broken file', async () => {
    mkdirSync(join(folder, 'auth'));
    writeFileSync(join(folder, 'auth', 'broken.json'), '{ "id": ');
    const { output, errors } = await run(['diagnose'], '{"errcode": 13}', {
      BREAKWATCH_RULES: folder,
    });
    expect(errors).toContain('auth/broken.json:1:');
    expect(JSON.parse(output)).toMatchObject({ category: 'network' });
  });

  it('distinguishes wrong usage from failure', async () => {
    expect((await run(['diagnose', '--lang', 'xx'])).code).toBe(2);
    expect((await run(['frobnicate'])).code).toBe(2);
  });
});

describe('breakwatch explain-code', () => {
  it('explains a bypass code with its retry, as text and as JSON', async () => {
    const text = await run(['explain-code', '6012'], '', {}, runBreakwatch);
    expect(text.output).toMatch(/6012.*network/);
    expect(text.output).toContain('Retry: 30s');
    const json = JSON.parse((await run(['explain-code', '18/501', '--json'])).output);
    expect(json).toMatchObject([{ code: '18/501', reason: 'expiry_passed', category: 'auth' }]);
  });

  it('refuses an unknown code', async () => {
    const { code, errors, output } = await run(['explain-code', '999999']);
    expect(code).toBe(1);
    expect(output).toBe('');
    expect(errors).toContain('"999999" is unknown');
  });
});

describe('breakwatch serve', () => {
  const withKey = { BREAKWATCH_CALLBACK_KEY: CALLBACK_KEY };
  let served: ServeProcess;
  beforeAll(async () => {
    served = await startServe('', {});
  });
  afterAll(() => served.remove());

  it('refuses a data folder that another process uses', async () => {
    const { code, errors } = await runBreakwatch(['serve'], {
      cwd: served.folder,
      environment: { ...withKey, BREAKWATCH_PORT: '0' },
    });
    expect(code).toBe(1);
    expect(errors).toContain('DATA_FOLDER_OWNED');
    expect(errors).toContain(String(served.pid()));
  });

  it('keeps an acknowledged callback after a kill -9, and stops cleanly on SIGTERM', async () => {
    const posted = await fetch(`${served.url}/callbacks/css/default`, {
      method: 'POST',
      body: JSON.stringify(signedCallback({ change: { sequence: '4711', errcode: 13 } })),
    });
    expect(posted.status).toBe(200);
    await served.kill('SIGKILL');
    await served.start();
    await expect
      .poll(async () => {
        const answer = await fetch(`${served.url}/api/v1/breaks`);
        const { breaks } = (await answer.json()) as { breaks: { sequence: string }[] };
        return breaks.map((one) => one.sequence);
      })
      .toEqual(['4711']);
    expect(await served.kill('SIGTERM')).toEqual([0, null]);
  });

  it.each([
    ['no account', 'BAD_CONFIG', {}],
    ['a public address without a token', 'TOKEN_NEEDED_FOR_HOST', { BREAKWATCH_HOST: '0.0.0.0' }],
    [
      'a data folder below a file',
      'DATA_FOLDER_UNWRITABLE',
      { BREAKWATCH_DATA: `${import.meta.filename}/data` },
    ],
    ['a rules folder that is not there', 'RULES_FOLDER_MISSING', { BREAKWATCH_RULES: '/gone' }],
  ])('explains what to do about %s', async (_what, error, environment) => {
    const accounts = error === 'BAD_CONFIG' ? {} : withKey;
    const { code, errors } = await run(['serve'], '', {
      ...accounts,
      BREAKWATCH_PORT: '0',
      ...environment,
    });
    expect(code).toBe(1);
    expect(errors).toContain(error);
    expect(errors).toContain('What to do:');
  });

  it('names a port that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const settings = { ...withKey, BREAKWATCH_PORT: String(port) };
    const { errors } = await run(['serve'], '', settings);
    const start = await run(['start'], '', settings);
    taken.close();
    expect(errors).toContain(`PORT_IN_USE: Port ${port}`);
    // Before the page is built, which takes a while.
    expect(start).toMatchObject({ code: 1, output: '' });
    expect(start.errors).toContain(`PORT_IN_USE: Port ${port}`);
    expect(start.errors).not.toContain('Building the page');
  });
});
