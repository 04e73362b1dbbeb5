import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/engine/audit-log.ts';
import { createStreamActions, type StreamActions } from '../../src/engine/stream-actions.ts';
import { createNamedToken } from '../../src/server/named-tokens.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };

let folder: string;
let simulator: Simulator;
let actions: StreamActions;
let running: TestServer | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-action-routes-'));
  simulator = await startSimulator(KEYS);
  actions = createStreamActions({
    accounts: [
      {
        name: 'default',
        site: 'cn',
        endpoint: simulator.url,
        credentials: KEYS,
        callbackKeys: [],
        pushKeys: [],
        actions: true,
        backfillMs: 0,
        pollSeconds: 10,
      },
    ],
    audit: openAuditLog(join(folder, 'audit.jsonl')),
  });
});
afterEach(async () => {
  actions.close();
  await running?.stop();
  running = undefined;
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ORDER = {
  account: 'default',
  action: 'forbid',
  domain: 'push.example.com',
  stream: 'shop-17',
};

async function post(body: unknown, token = 'secret') {
  const response = await fetch(`${running?.url}/api/v1/actions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('POST /api/v1/actions', () => {
  it('logs the name of the token, not the name that the body gives', async () => {
    const { token, entry } = createNamedToken('ann', ['act']);
    running = await startTestServer({ namedTokens: () => [entry], actions });
    const plan = await post(ORDER, token);
    const { confirm } = plan.body as { confirm: string };
    expect(await post({ ...ORDER, confirm, by: 'CEO' }, token)).toMatchObject({ status: 200 });
    const [done] = await actions.latest(1);
    expect(done).toMatchObject({ phase: 'done', by: 'ann (127.0.0.1)' });
  });

  it('returns the plan, acts with the confirmation, and logs the user', async () => {
    running = await startTestServer({ token: 'secret', actions });
    const resumeAt = new Date(Date.now() + 3_600_000).toISOString();
    const plan = await post({ ...ORDER, resumeAt });
    expect(plan).toMatchObject({ status: 200, body: { dryRun: true, state: 'inactive' } });
    expect(simulator.world.bannedUntil('shop-17')).toBeUndefined();
    const { confirm } = plan.body as { confirm: string };
    const done = await post({ ...ORDER, resumeAt, confirm, by: 'Li\nWei' });
    expect(done).toMatchObject({ status: 200, body: { dryRun: false, order: { app: 'live' } } });
    expect(simulator.world.bannedUntil('shop-17')).toBeGreaterThan(Date.now());
    const again = await post({ ...ORDER, resumeAt, confirm });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'ACTION_UNCONFIRMED' } } });
    const log = await fetch(`${running.url}/api/v1/actions?limit=1`, {
      headers: { authorization: 'Bearer secret' },
    });
    expect(await log.json()).toMatchObject({
      actions: [{ phase: 'done', action: 'forbid', via: 'http', by: 'Li Wei (127.0.0.1)' }],
    });
  });

  it('reports the invalid field of a request', async () => {
    running = await startTestServer({ token: 'secret', actions });
    expect(await post({ ...ORDER, action: 'kill' })).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_ACTION' } },
    });
    expect(await post({ ...ORDER, steam: 's' })).toMatchObject({
      body: { error: { code: 'BAD_ACTION', message: expect.stringContaining('stream') } },
    });
    expect(await post({ ...ORDER, account: 'other' })).toMatchObject({ status: 404 });
    expect(await post(ORDER, 'wrong')).toMatchObject({ status: 401 });
  });

  it('does nothing on a server without a token, or with actions off', async () => {
    running = await startTestServer({ actions });
    expect(await post(ORDER)).toMatchObject({
      status: 403,
      body: { error: { code: 'ACTIONS_OFF' } },
    });
    await running.stop();
    running = await startTestServer({ token: 'secret' });
    expect(await post(ORDER)).toMatchObject({
      status: 403,
      body: { error: { code: 'ACTIONS_OFF' } },
    });
  });
});
