import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { answerHealth } from '../../../src/grafana/backend/answer-health.ts';
import {
  CheckHealthRequestSchema,
  CheckHealthResponse_HealthStatus as HealthStatus,
} from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { BreakwatchError } from '../../../src/model/errors.ts';
import type { AccountHealth } from '../../../src/model/health.ts';
import { contextOf, instancesOf, MemoryService, WELL } from './memory-service.ts';

const EMBEDDED = contextOf(
  { mode: 'embedded', secretId: 'AKID1' },
  { secure: { secretKey: 'the-secret-key' } },
);

async function check(service: MemoryService, pluginContext = contextOf()) {
  const answer = await answerHealth(
    create(CheckHealthRequestSchema, { pluginContext }),
    instancesOf(service),
    new AbortController().signal,
  );
  return {
    status: answer.status,
    message: answer.message,
    details: JSON.parse(new TextDecoder().decode(answer.jsonDetails)) as Record<string, unknown>,
  };
}

const account = (part: Partial<AccountHealth>): AccountHealth => ({
  account: 'live',
  state: 'ok',
  lastPollAt: 1,
  lastCallbackAt: null,
  error: null,
  ...part,
});

test('all well: what it is and what it has', async () => {
  const { status, message, details } = await check(new MemoryService());
  expect(status).toBe(HealthStatus.OK);
  expect(message).toBe('Breakwatch 1.2.3 is ready (remote): 1 account, 90 rules, 1,234 breaks.');
  expect(details).toEqual({ mode: 'remote', ...WELL, slept: null });
});

test('wrong credentials: the account, what is wrong and what to do', async () => {
  const service = new MemoryService();
  const error = new BreakwatchError('CSS_CREDENTIALS', {
    account: 'live',
    apiCode: 'AuthFailure.SignatureFailure',
  }).toAnswer();
  service.wellness = {
    ...WELL,
    accounts: [account({ state: 'starting', lastPollAt: null, error })],
  };
  const { status, message } = await check(service, EMBEDDED);
  expect(status).toBe(HealthStatus.ERROR);
  expect(message).toContain('AuthFailure.SignatureFailure');
  expect(message).toContain('Check SecretId and SecretKey');
});

test('in embedded mode remedies name settings, not variables of a server', async () => {
  const service = new MemoryService();
  service.failure = new BreakwatchError('DATA_FOLDER_OWNED', { folder: '/data', pid: 7 });
  const { status, message } = await check(service, EMBEDDED);
  expect(status).toBe(HealthStatus.ERROR);
  expect(message).toContain('/data');
  expect(message).toContain('Data folder in the settings');
  expect(message).not.toContain('BREAKWATCH_');
});

test('blind accounts, broken rules and a server that says no more are errors', async () => {
  const service = new MemoryService();
  const rules = new BreakwatchError('RULE_FILE_INVALID', {
    file: 'auth/x.json',
    line: 3,
    column: 9,
    problem: 'no',
  }).toAnswer();
  service.wellness = {
    ...WELL,
    ok: false,
    accounts: [account({ state: 'blind' })],
    rules: { ...WELL.rules, error: rules },
  };
  const both = await check(service);
  expect(both.status).toBe(HealthStatus.ERROR);
  expect(both.message).toMatch(/live is blind.*auth\/x\.json:3:9/s);
  service.wellness = { ...WELL, ok: false };
  const mute = await check(service);
  expect(mute.status).toBe(HealthStatus.ERROR);
  expect(mute.message).toContain('log');
});

test('maintenance is named, and quiet times that could not be read are an error', async () => {
  const service = new MemoryService();
  const mute = { entries: 2, now: [{ name: 'domain move', until: 5 }], error: null };
  service.wellness = { ...WELL, mute };
  expect((await check(service)).message).toContain('Notifications are muted now by: domain move.');
  const details = { file: 'quiet.yaml', line: 3, column: 5, problem: 'x' };
  const error = new BreakwatchError('MUTE_INTERVALS_INVALID', details).toAnswer();
  service.wellness = { ...WELL, ok: false, mute: { ...mute, error } };
  const { status, message } = await check(service);
  expect(status).toBe(HealthStatus.ERROR);
  expect(message).toContain('quiet.yaml:3:5: x');
});

test('callbacks alone are never called fine', async () => {
  const service = new MemoryService();
  service.wellness = { ...WELL, accounts: [account({ state: 'unverified', lastPollAt: null })] };
  const { status, message } = await check(service);
  expect(status).toBe(HealthStatus.OK);
  expect(message).toMatch(/Not verified.*live/);
});

test('settings that are missing', async () => {
  const { status, message, details } = await check(new MemoryService(), contextOf({}));
  expect(status).toBe(HealthStatus.ERROR);
  expect(message).toContain('URL (url) is missing');
  expect(details).toEqual({ mode: 'remote', error: { code: 'NOT_CONFIGURED' } });
});

test('the first poll is waited for, so that it can speak', async () => {
  const service = new MemoryService();
  const starting = { ...WELL, accounts: [account({ state: 'starting', lastPollAt: null })] };
  const after = { ...WELL, accounts: [account({ state: 'ok', lastPollAt: 5 })] };
  let asked = 0;
  service.health = async () => {
    asked += 1;
    return asked < 3 ? starting : after;
  };
  const { status, message } = await check(service, EMBEDDED);
  expect(status).toBe(HealthStatus.OK);
  expect(message).not.toContain('still running');
  expect(asked).toBe(3);
});
