import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/cli/config/read-config.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function withFile(yaml: string, environment: NodeJS.ProcessEnv = {}) {
  const path = join(folder, 'breakwatch.yaml');
  writeFileSync(path, yaml);
  return readConfig({ BREAKWATCH_CONFIG: path, ...environment });
}

function problemOf(read: () => unknown): string {
  try {
    read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(BreakwatchError);
    expect((thrown as BreakwatchError).code).toBe('BAD_CONFIG');
    return (thrown as BreakwatchError).message;
  }
  throw new Error('nothing was thrown');
}

describe('readConfig', () => {
  it('listens on loopback without any setting and knows no account', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 7070, accounts: [] });
  });

  it('takes one account from the environment and calls it default', () => {
    const { accounts } = readConfig({
      TENCENTCLOUD_SECRET_ID: 'id',
      TENCENTCLOUD_SECRET_KEY: 'key',
      BREAKWATCH_SITE: 'intl',
      BREAKWATCH_API_ENDPOINT: 'http://127.0.0.1:7071',
      BREAKWATCH_CALLBACK_KEY: 'old,new',
    });
    expect(accounts).toEqual([
      expect.objectContaining({
        name: 'default',
        site: 'intl',
        endpoint: 'http://127.0.0.1:7071',
        credentials: { secretId: 'id', secretKey: 'key' },
        callbackKeys: ['old', 'new'],
        backfillMs: 86_400_000,
      }),
    ]);
  });

  it('keeps 400 days unless it is told otherwise, and all for 0', () => {
    const kept = (days?: string) => readConfig({ BREAKWATCH_KEEP_DAYS: days }).keepDays;
    expect([kept(), kept(''), kept('30'), kept('0')]).toEqual([400, 400, 30, 0]);
    for (const wrong of ['-1', '1.5', 'ever', '40000', '1e2', ' ']) {
      expect(problemOf(() => kept(wrong))).toContain('BREAKWATCH_KEEP_DAYS');
    }
  });

  it('allows actions only where that is said', () => {
    const keys = { TENCENTCLOUD_SECRET_ID: 'id', TENCENTCLOUD_SECRET_KEY: 'key' };
    const allowed = (more: NodeJS.ProcessEnv) =>
      readConfig({ ...keys, ...more }).accounts[0]?.actions;
    expect([allowed({}), allowed({ BREAKWATCH_ACTIONS: '0' })]).toEqual([false, false]);
    expect(allowed({ BREAKWATCH_ACTIONS: '1' })).toBe(true);
  });

  it('is content with a callback key alone', () => {
    const { accounts } = readConfig({ BREAKWATCH_CALLBACK_KEY: 'key' });
    expect(accounts[0]).toMatchObject({ name: 'default', callbackKeys: ['key'] });
    expect(accounts[0]?.credentials).toBeUndefined();
  });

  it('reads more accounts from the file, with secrets from the environment', () => {
    const { accounts } = withFile(
      [
        'accounts:',
        '  - name: shop',
        '    secretId: ${SHOP_ID}',
        '    secretKey: ${SHOP_KEY}',
        '    backfillDays: 30',
        '    pushKeys: [{ domain: push.example.com, key: "${SHOP_PUSH}" }]',
      ].join('\n'),
      { SHOP_ID: 'a', SHOP_KEY: 'b', SHOP_PUSH: 'c', BREAKWATCH_CALLBACK_KEY: 'd' },
    );
    expect(accounts.map((account) => account.name)).toEqual(['default', 'shop']);
    expect(accounts[1]).toMatchObject({
      credentials: { secretId: 'a', secretKey: 'b' },
      pushKeys: [{ domain: 'push.example.com', key: 'c' }],
      backfillMs: 30 * 86_400_000,
    });
  });

  it('finds mute intervals in the file, or in another file', () => {
    const accounts = 'accounts: [{ name: a, callbackKeys: [k] }]\n';
    const file = join(folder, 'breakwatch.yaml');
    expect(withFile(`${accounts}muteIntervals:\n  maintenance: []`).mute).toEqual({
      file,
      isSection: true,
    });
    expect(withFile(`${accounts}muteIntervals: night.yaml`).mute).toEqual({
      file: join(folder, 'night.yaml'),
      isSection: false,
    });
    expect(withFile(accounts).mute).toBeUndefined();
    expect(() => withFile(`${accounts}muteIntervals: 5`)).toThrow(
      'muteIntervals must be a file name',
    );
  });

  it('finds the directory beside the file that names it, and a number as BIZID', () => {
    const yaml = 'directory: streams.csv\naccounts: [{ name: a, callbackKeys: [k], bizid: 8888 }]';
    const config = withFile(yaml);
    expect(config.directoryFile).toBe(join(folder, 'streams.csv'));
    expect(config.accounts[0]?.bizid).toBe('8888');
    expect(withFile(yaml, { BREAKWATCH_DIRECTORY: '/srv/x.csv' }).directoryFile).toBe('/srv/x.csv');
    expect(
      readConfig({ BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_BIZID: '1' }).accounts[0]?.bizid,
    ).toBe('1');
  });

  it.each([
    [
      'an odd switch',
      { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_ACTIONS: 'maybe' },
      'BREAKWATCH_ACTIONS',
    ],
    ['half a key pair', { TENCENTCLOUD_SECRET_ID: 'id' }, 'TENCENTCLOUD_SECRET_KEY'],
    ['a port that is none', { BREAKWATCH_PORT: '70700' }, 'BREAKWATCH_PORT'],
    ['an unknown site', { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_SITE: 'eu' }, 'BREAKWATCH_SITE'],
    [
      'an endpoint that is no URL',
      { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_API_ENDPOINT: 'localhost' },
      'BREAKWATCH_API_ENDPOINT',
    ],
    ['a file that is not there', { BREAKWATCH_CONFIG: '/does/not/exist.yaml' }, 'does not exist'],
  ])('names the setting: %s', (_what, environment, words) => {
    expect(problemOf(() => readConfig(environment))).toContain(words);
  });

  it.each([
    ['broken YAML', 'accounts: [', 'breakwatch.yaml'],
    ['an unknown setting', 'acounts: []', '"acounts"'],
    ['a directory that is no name', 'directory: [a]', 'directory'],
    [
      'actions that are neither',
      'accounts: [{ name: a, secretId: i, secretKey: k, actions: 1 }]',
      'actions',
    ],
    [
      'actions without a key pair',
      'accounts: [{ name: a, callbackKeys: [k], actions: true }]',
      'secretId',
    ],
    ['a BIZID that is none', 'accounts: [{ name: a, callbackKeys: [k], bizid: [1] }]', 'bizid'],
    ['an unknown setting of an account', 'accounts: [{ name: a, key: b }]', '"key"'],
    ['an account without keys', 'accounts: [{ name: a }]', 'callbackKeys'],
    [
      'an address that is none',
      'accounts: [{ name: a, callbackKeys: [k], callbackFrom: [10.0.0.0/99] }]',
      'callbackFrom: "10.0.0.0/99"',
    ],
    [
      'a list that lets nobody in',
      'accounts: [{ name: a, callbackKeys: [k], callbackFrom: [] }]',
      'callbackFrom is empty',
    ],
    ['a proxy by name', 'trustProxy: [proxy.example.com]', 'trustProxy: "proxy.example.com"'],
    ['a name that is no name', 'accounts: [{ name: "a/b", callbackKeys: [k] }]', 'name'],
    ['a variable that is not set', 'accounts: [{ name: a, callbackKeys: ["${GONE}"] }]', 'GONE'],
    [
      'two accounts of one name',
      'accounts: [{ name: a, callbackKeys: [k] }, { name: a, callbackKeys: [k] }]',
      'two accounts',
    ],
    [
      'too long a back-fill',
      'accounts: [{ name: a, callbackKeys: [k], backfillDays: 90 }]',
      'backfillDays',
    ],
  ])('names the place in the file: %s', (_what, yaml, words) => {
    expect(problemOf(() => withFile(yaml))).toContain(words);
  });

  it('reads from where callbacks may come, from file and environment', () => {
    const file = withFile(
      'trustProxy: [10.0.0.5]\naccounts: [{ name: a, callbackKeys: [k], callbackFrom: [203.0.113.0/24] }]',
    );
    expect(file.trustProxy).toEqual(['10.0.0.5']);
    expect(file.accounts[0]?.callbackFrom).toEqual(['203.0.113.0/24']);
    const environment = {
      BREAKWATCH_CALLBACK_KEY: 'k',
      BREAKWATCH_CALLBACK_FROM: '203.0.113.7, 2001:db8::/32',
      BREAKWATCH_TRUST_PROXY: '10.0.0.6',
    };
    const { trustProxy, accounts } = readConfig(environment);
    expect(trustProxy).toEqual(['10.0.0.6']);
    expect(accounts[0]?.callbackFrom).toEqual(['203.0.113.7', '2001:db8::/32']);
  });

  it('tells no secret in an error', () => {
    const message = problemOf(() =>
      withFile('accounts: [{ name: a, secretId: topsecret, callbackKeys: [hidden] }]'),
    );
    expect(message).not.toMatch(/topsecret|hidden/);
  });
});
