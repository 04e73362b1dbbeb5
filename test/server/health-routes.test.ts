import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

describe('health', () => {
  let running: TestServer;
  beforeEach(async () => {
    running = await startTestServer();
  });
  afterEach(() => running.stop());

  const ready = async () => {
    const response = await fetch(`${running.url}/readyz`);
    return { status: response.status, body: await response.json() };
  };
  const badRule = { code: 'RULE_FILE_INVALID', message: 'x.json:3:1: oops', remedy: 'Correct it.' };
  const rules = { set: 'a', count: 3, loadedAt: 0, error: null };

  it('is ready with a store and rules', async () => {
    expect(await ready()).toEqual({
      status: 200,
      body: { ready: true, counts: { problems: 0, warnings: 0 }, problems: [], warnings: [] },
    });
  });

  it('is live but not ready without a store, and gives the reason', async () => {
    await running.temporary.store.close();
    const { status, body } = await ready();
    expect(status).toBe(503);
    expect(body).toMatchObject({ ready: false, problems: [{ code: 'STORE_FAILED' }] });
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  });

  it('is not ready without rules', async () => {
    running.engine.healthChanges = { rules: { ...rules, count: 0, error: badRule } };
    expect(await ready()).toEqual({
      status: 503,
      body: {
        ready: false,
        counts: { problems: 1, warnings: 0 },
        problems: [badRule],
        warnings: [],
      },
    });
  });

  it('stays ready, with a warning, when a rule is skipped', async () => {
    running.engine.healthChanges = { rules: { ...rules, error: badRule } };
    expect(await ready()).toEqual({
      status: 200,
      body: {
        ready: true,
        counts: { problems: 0, warnings: 1 },
        problems: [],
        warnings: [badRule],
      },
    });
    expect(await running.metric('breakwatch_rules_ok')).toBe(0);
  });

  it('stays ready, with a warning, when breaks cannot be stored', async () => {
    const full = { code: 'STORE_FAILED', message: 'The store failed: full.', remedy: 'Free some.' };
    running.engine.healthChanges = { deriving: { behind: 7, error: full } };
    expect(await ready()).toEqual({
      status: 200,
      body: { ready: true, counts: { problems: 0, warnings: 1 }, problems: [], warnings: [full] },
    });
  });
});
