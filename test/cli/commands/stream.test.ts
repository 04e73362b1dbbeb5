import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { runBreakwatch, runHosted } from '../../helpers/run-breakwatch.ts';

const KEYS = { secretId: 'AKIDtest', secretKey: 'the-right-key-of-the-test' };

let folder: string;
let simulator: Simulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-stream-'));
  simulator = await startSimulator(KEYS);
});
afterEach(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: string[], more: NodeJS.ProcessEnv = {}, start = runHosted) {
  const environment = {
    TENCENTCLOUD_SECRET_ID: KEYS.secretId,
    TENCENTCLOUD_SECRET_KEY: KEYS.secretKey,
    BREAKWATCH_API_ENDPOINT: simulator.url,
    BREAKWATCH_DATA: join(folder, 'data'),
    BREAKWATCH_ACTIONS: '1',
    ...more,
  };
  return start(['stream', ...args], { environment });
}

const STREAM = ['--domain', 'push.example.com', '--stream', 'shop-17'];

it('does nothing without --yes, then forbids and resumes, and writes the audit log', async () => {
  const dry = await run(['forbid', ...STREAM, '--for', '2h', '--reason', 'no rights']);
  expect(dry.code).toBe(0);
  expect(dry.output).toContain('Nothing was done');
  expect(simulator.world.bannedUntil('shop-17')).toBeUndefined();

  const words = ['forbid', ...STREAM, '--for', '2h', '--yes', '--json'];
  const done = await run(words, {}, runBreakwatch);
  expect(done.code).toBe(0);
  expect(JSON.parse(done.output)).toMatchObject({ dryRun: false, order: { action: 'forbid' } });
  const until = simulator.world.bannedUntil('shop-17') ?? 0;
  expect(Math.abs(until - Date.now() - 7_200_000)).toBeLessThan(60_000);

  expect((await run(['resume', ...STREAM, '--yes'])).output).toContain('Done: resume');
  expect(simulator.world.bannedUntil('shop-17')).toBeUndefined();
  const log = (await run(['log'])).output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(log.map(({ phase, action }) => `${action} ${phase}`)).toEqual([
    'resume done',
    'resume ordered',
    'forbid done',
    'forbid ordered',
  ]);
});

it('is off unless the account allows it, and reports wrong usage', async () => {
  const off = await run(['drop', ...STREAM, '--yes'], { BREAKWATCH_ACTIONS: '' });
  expect(off.code).toBe(1);
  expect(off.errors).toMatch(/ACTIONS_OFF.*\n.*BREAKWATCH_ACTIONS=1/);
  expect((await run(['drop', '--domain', 'd'])).code).toBe(2);
  expect((await run(['forbid', ...STREAM, '--for', '2h', '--resume-at', '2030-01-01'])).code).toBe(
    2,
  );
  const far = await run(['forbid', ...STREAM, '--for', '91d', '--yes']);
  expect(far.errors).toContain('BAD_ACTION');
  const account = await run(['drop', ...STREAM], { TENCENTCLOUD_SECRET_KEY: 'wrong' });
  expect(account.output).toContain('now unknown');
});
