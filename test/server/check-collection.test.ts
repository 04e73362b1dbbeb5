import { describe, expect, it } from 'vitest';
import { BreakwatchError } from '../../src/model/errors.ts';
import type { AccountHealth, EngineHealth } from '../../src/model/health.ts';
import { checkCollection } from '../../src/server/check-collection.ts';

const account = (part: Partial<AccountHealth> = {}): AccountHealth => ({
  account: 'live',
  state: 'ok',
  lastPollAt: 1,
  lastCallbackAt: null,
  error: null,
  ...part,
});

const WELL: EngineHealth = {
  ok: true,
  version: '1.2.3',
  accounts: [account()],
  rules: { set: 'abc', count: 90, loadedAt: 1, error: null },
  store: { kind: 'sqlite', breaks: 1_234, journal: 1_300 },
};

function check(...states: EngineHealth[]) {
  let reads = 0;
  const health = async () => {
    reads += 1;
    return states[Math.min(reads, states.length) - 1] as EngineHealth;
  };
  return checkCollection({ health }, new AbortController().signal);
}

describe('checkCollection', () => {
  it('says what the server has when it works', async () => {
    expect(await check(WELL)).toEqual({
      ok: true,
      message: 'Breakwatch 1.2.3 is ready: 1 account, 90 rules, 1,234 breaks.',
      health: WELL,
    });
    expect((await check({ ...WELL, accounts: [] })).message).toContain('No account is configured');
  });

  it('names the account, the problem and the remedy', async () => {
    const details = { account: 'live', apiCode: 'AuthFailure.SignatureFailure' };
    const error = new BreakwatchError('CSS_CREDENTIALS', details).toAnswer();
    const starting = account({ state: 'starting', lastPollAt: null, error });
    const { ok, message } = await check({ ...WELL, accounts: [starting] });
    expect(ok).toBe(false);
    expect(message).toMatch(/^Account live: .*AuthFailure\.SignatureFailure/);
    expect(message).toContain('Check SecretId and SecretKey');
  });

  it('is not ok with a blind account, rules that cannot be used, or a problem without a name', async () => {
    const rules = { ...WELL.rules, error: { code: 'X', message: 'auth/x.json:3:9.', remedy: '' } };
    const blind = { ...WELL, ok: false, accounts: [account({ state: 'blind' })], rules };
    const { ok, message } = await check(blind);
    expect(ok).toBe(false);
    expect(message).toMatch(/live is blind.*auth\/x\.json:3:9/s);
    const silent = await check({ ...WELL, ok: false });
    expect(silent).toMatchObject({ ok: false, message: expect.stringContaining('log') });
  });

  it('names mute intervals, and is not ok when they could not be read', async () => {
    const mute = { entries: 2, now: [{ name: 'domain move', until: 5 }], error: null };
    expect((await check({ ...WELL, mute })).message).toContain('muted now by: domain move.');
    const error = { code: 'X', message: 'quiet.yaml:3:5: x.', remedy: 'Correct it.' };
    expect(await check({ ...WELL, mute: { ...mute, error } })).toMatchObject({
      ok: false,
      message: 'quiet.yaml:3:5: x. Correct it.',
    });
  });

  it('never calls callbacks alone verified', async () => {
    const unverified = account({ state: 'unverified', lastPollAt: null });
    const { ok, message } = await check({ ...WELL, accounts: [unverified] });
    expect(ok).toBe(true);
    expect(message).toContain('Not verified: live.');
  });

  it('waits for the first poll', async () => {
    const starting = { ...WELL, accounts: [account({ state: 'starting', lastPollAt: null })] };
    const { message, health } = await check(starting, starting, WELL);
    expect(health).toBe(WELL);
    expect(message).not.toContain('still running');
  });
});
