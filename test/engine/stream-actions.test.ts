import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamActionRequest } from '../../src/css/api/stream-actions.ts';
import { openAuditLog } from '../../src/engine/audit-log.ts';
import type { Account } from '../../src/engine/engine.ts';
import {
  createStreamActions,
  type StreamActions,
  type StreamActionsOptions,
} from '../../src/engine/stream-actions.ts';
import { BreakwatchError } from '../../src/model/errors.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import seed from '../fixtures/drop-live-stream-errors.json' with { type: 'json' };

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };
const ACTOR = { via: 'http', by: 'li' } as const;
const MINUTE = 60_000;

let folder: string;
let file: string;
let simulator: Simulator;
const open: StreamActions[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-actions-'));
  file = join(folder, 'data', 'audit.jsonl');
  simulator = await startSimulator(KEYS);
});
afterEach(async () => {
  for (const actions of open.splice(0)) {
    actions.close();
  }
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

function account(part: Partial<Account> = {}): Account {
  return {
    name: 'shop',
    site: 'cn',
    endpoint: simulator.url,
    credentials: KEYS,
    callbackKeys: [],
    pushKeys: [],
    actions: true,
    backfillMs: 0,
    pollSeconds: 10,
    ...part,
  };
}

function make(part: Partial<StreamActionsOptions> = {}): StreamActions {
  const made = createStreamActions({ accounts: [account()], audit: openAuditLog(file), ...part });
  open.push(made);
  return made;
}

function order(
  actions: StreamActions,
  part: Partial<Record<keyof StreamActionRequest, unknown>> = {},
) {
  return actions.check({
    account: 'shop',
    action: 'drop',
    domain: 'push.example.com',
    stream: 'shop-17',
    ...part,
  });
}

async function carryOut(
  actions: StreamActions,
  part: Partial<Record<keyof StreamActionRequest, unknown>> = {},
) {
  const wanted = order(actions, part);
  const { confirm } = await actions.dryRun(wanted);
  return actions.carryOut(wanted, confirm, ACTOR);
}

/** Starts the push of `shop-17`; it does not reconnect. */
function goLive() {
  return simulator.world
    .addHost({
      domain: 'push.example.com',
      stream: 'shop-17',
      clientIp: '203.0.113.7',
      reconnect: 'none',
    })
    .start();
}

function lines() {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function errorOf(work: Promise<unknown>): Promise<BreakwatchError> {
  const thrown = await work.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(BreakwatchError);
  return thrown as BreakwatchError;
}

describe('actions on streams', () => {
  it('drop, forbid and resume, dry run first, with the log before and after', async () => {
    const actions = make();
    goLive();
    const live = () => simulator.world.find('push.example.com', 'live', 'shop-17') !== undefined;
    expect(live()).toBe(true);

    const drop = order(actions, { reason: 'token=abcdefghij too loud' });
    const plan = await actions.dryRun(drop);
    expect(plan.state).toBe('active');
    expect(plan.effects.join(' ')).toMatch(/21\/100.*push again at once/);
    expect(live()).toBe(true);
    const { requestId, id } = await actions.carryOut(drop, plan.confirm, ACTOR);
    expect(live()).toBe(false);
    expect(simulator.world.finished.at(-1)?.code).toMatchObject({ errcode: 21, subErrcode: 100 });
    expect(lines()).toMatchObject([
      { id, phase: 'ordered', action: 'drop', by: 'li', via: 'http', stream: 'shop-17' },
      { id, phase: 'done', requestId },
    ]);
    expect(readFileSync(file, 'utf8')).not.toContain('abcdefghij');

    const resumeAt = Date.now() + 3_600_000;
    await carryOut(actions, { action: 'forbid', resumeAt, reason: 'no rights' });
    expect(simulator.world.bannedUntil('shop-17')).toBe(Math.floor(resumeAt / 1000) * 1000);
    const lifted = order(actions, { action: 'resume' });
    expect((await actions.dryRun(lifted)).state).toBe('forbid');
    await carryOut(actions, { action: 'resume' });
    expect(simulator.world.bannedUntil('shop-17')).toBeUndefined();
    expect((await actions.latest(2)).map(({ phase, action }) => [phase, action])).toEqual([
      ['done', 'resume'],
      ['ordered', 'resume'],
    ]);
  });

  it('need the account’s permission and keys', async () => {
    const actions = make({
      accounts: [account({ actions: false }), account({ name: 'keyless', credentials: undefined })],
    });
    expect((await errorOf(actions.dryRun(order(actions)))).code).toBe('ACTIONS_OFF');
    expect((await errorOf(actions.carryOut(order(actions), 'x', ACTOR))).code).toBe('ACTIONS_OFF');
    expect((await errorOf(actions.dryRun(order(actions, { account: 'keyless' })))).code).toBe(
      'ACTIONS_OFF',
    );
    expect((await errorOf(actions.dryRun(order(actions, { account: 'other' })))).code).toBe(
      'UNKNOWN_ACCOUNT',
    );
  });

  it('accept a confirmation only for its order, once, for five minutes', async () => {
    let clock = Date.now();
    const actions = make({ now: () => clock });
    const drop = order(actions);
    const { confirm } = await actions.dryRun(drop);
    const codeOf = async (wanted: StreamActionRequest, token: string) =>
      (await errorOf(actions.carryOut(wanted, token, ACTOR))).message;
    expect(await codeOf({ ...drop, stream: 'shop-18' }, confirm)).toContain('another action');
    expect(await codeOf({ ...drop, action: 'forbid' }, confirm)).toContain('another action');
    expect(await codeOf(drop, '')).toContain('another action');
    expect(await codeOf(drop, `${confirm}x`)).toContain('another action');
    expect(await codeOf(drop, `zzzzzzzzz${confirm.slice(confirm.indexOf('.'))}`)).toContain(
      'another',
    );
    await actions.carryOut(drop, confirm, ACTOR);
    expect(await codeOf(drop, confirm)).toContain('used already');
    const later = await actions.dryRun(drop);
    clock += 5 * MINUTE + 1;
    expect(await codeOf(drop, later.confirm)).toContain('expired');
    const strange = make();
    expect(
      (await errorOf(strange.carryOut(drop, (await actions.dryRun(drop)).confirm, ACTOR))).code,
    ).toBe('ACTION_UNCONFIRMED');
  });

  it('are limited per account and minute, also across a restart and for concurrent orders', async () => {
    let clock = Date.now();
    const options = { now: () => clock, maxPerMinute: 3 };
    const first = make(options);
    const settled = await Promise.allSettled([1, 2, 3, 4].map(() => carryOut(first)));
    expect(settled.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    const second = make(options);
    expect(await errorOf(carryOut(second))).toMatchObject({ code: 'ACTION_LIMIT', status: 429 });
    clock += MINUTE;
    await carryOut(second);
  });

  it('do nothing if the log cannot be written', async () => {
    goLive();
    const actions = make({ audit: openAuditLog(join(folder, 'none', '\0')) });
    expect((await errorOf(carryOut(actions))).code).toBe('AUDIT_FAILED');
    expect(simulator.world.find('push.example.com', 'live', 'shop-17')).toBeDefined();
  });

  it('report what CSS did even if the log fails afterwards', async () => {
    const log = openAuditLog(file);
    const actions = make({
      audit: {
        ...log,
        append: (entry) =>
          entry.phase === 'ordered' ? log.append(entry) : openAuditLog(folder).append(entry),
      },
    });
    goLive();
    expect(await carryOut(actions)).toMatchObject({ requestId: expect.any(String) });
    expect(lines().map(({ phase }) => phase)).toEqual(['ordered']);
  });

  it.each([
    [{ action: 'kill' }, 'action'],
    [{ stream: '' }, 'stream'],
    [{ stream: 'shop-*' }, 'stream'],
    [{ domain: 7 }, 'domain'],
    [{ app: 'a b' }, 'app'],
    [{ resumeAt: Date.now() + 1_000 }, 'resumeAt'],
    [{ action: 'forbid', resumeAt: Date.now() - 1 }, 'resumeAt'],
    [{ action: 'forbid', resumeAt: Date.now() + 91 * 86_400_000 }, 'resumeAt'],
    [{ action: 'forbid', reason: '直'.repeat(683) }, 'reason'],
  ])('refuse %j by its %s', (part, field) => {
    const actions = make();
    expect(() => order(actions, part)).toThrow(
      expect.objectContaining({ code: 'BAD_ACTION', message: expect.stringContaining(field) }),
    );
  });
});

describe('errors of the API', () => {
  let server: http.Server;
  let answer: unknown;
  let status = 200;
  let calls: string[];
  beforeEach(async () => {
    calls = [];
    status = 200;
    server = http.createServer((request, response) => {
      request.resume();
      calls.push(String(request.headers['x-tc-action']));
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  function answered(): StreamActions {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return make({ accounts: [account({ endpoint })] });
  }

  it.each(seed)('%s is explained with cause and fix, tried once, and logged', async (code) => {
    answer = { Response: { Error: { Code: code, Message: 'raw words' }, RequestId: 'req-1' } };
    const error = await errorOf(carryOut(answered()));
    expect(error.code).toBe('ACTION_FAILED');
    expect(error.message).toContain(`CSS did not drop the stream: ${code} (request id req-1). `);
    expect(error.message.split('(request id req-1). ')[1]?.length).toBeGreaterThan(15);
    expect(error.remedy.length).toBeGreaterThan(15);
    expect(error.remedy).not.toContain('{');
    expect(calls.filter((call) => call === 'DropLiveStream')).toHaveLength(1);
    expect(lines().map(({ phase }) => phase)).toEqual(['ordered', 'failed']);
  });

  it('are explained in the requested language, with the missing permission', async () => {
    answer = {
      Response: { Error: { Code: 'UnauthorizedOperation', Message: 'no' }, RequestId: 'r' },
    };
    const actions = answered();
    const wanted = order(actions, { action: 'forbid' });
    const { confirm } = await actions.dryRun(wanted);
    const error = await errorOf(actions.carryOut(wanted, confirm, ACTOR, 'zh'));
    expect(error.remedy).toMatch(/\p{Script=Han}.*live:ForbidLiveStream/u);
  });

  it('with an unknown sub code show the message of CSS, masked', async () => {
    answer = {
      Response: {
        Error: { Code: 'InternalError.SomethingNew', Message: 'Ask for txSecret=abcdef.' },
        RequestId: 'r',
      },
    };
    const error = await errorOf(carryOut(answered()));
    expect(error.message).toContain('Its parent code is InternalError (Internal error).');
    expect(error.message).toContain('CSS says: "Ask for txSecret=***');
    expect(error.message).not.toContain('abcdef');
  });

  it('without an answer are logged as unknown', async () => {
    answer = 'busy';
    status = 503;
    const error = await errorOf(carryOut(answered()));
    expect(error.code).toBe('CSS_API_ERROR');
    expect(calls.filter((call) => call === 'DropLiveStream')).toHaveLength(1);
    expect(lines().map(({ phase }) => phase)).toEqual(['ordered', 'unknown']);
  });
});
