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

async function problemOf(read: () => unknown): Promise<string> {
  try {
    await read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(BreakwatchError);
    expect((thrown as BreakwatchError).code).toBe('BAD_CONFIG');
    return (thrown as BreakwatchError).message;
  }
  throw new Error('nothing was thrown');
}

describe('readConfig', () => {
  it('listens on loopback and has no account without any setting', async () => {
    expect(await readConfig({})).toMatchObject({ host: '127.0.0.1', port: 7070, accounts: [] });
  });

  it('reads one account from the environment and calls it default', async () => {
    const { accounts } = await readConfig({
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

  it('keeps 400 days by default, and everything with 0', async () => {
    const kept = async (days?: string) =>
      (await readConfig({ BREAKWATCH_KEEP_DAYS: days })).keepDays;
    expect(await Promise.all([kept(), kept(''), kept('30'), kept('0')])).toEqual([400, 400, 30, 0]);
    for (const wrong of ['-1', '1.5', 'ever', '40000', '1e2', ' ']) {
      expect(await problemOf(() => kept(wrong))).toContain('BREAKWATCH_KEEP_DAYS');
    }
  });

  it('allows actions only when they are switched on', async () => {
    const keys = { TENCENTCLOUD_SECRET_ID: 'id', TENCENTCLOUD_SECRET_KEY: 'key' };
    const allowed = async (more: NodeJS.ProcessEnv) =>
      (await readConfig({ ...keys, ...more })).accounts[0]?.actions;
    expect(await allowed({})).toBe(false);
    expect(await allowed({ BREAKWATCH_ACTIONS: '0' })).toBe(false);
    expect(await allowed({ BREAKWATCH_ACTIONS: '1' })).toBe(true);
  });

  it('accepts a callback key without an API key', async () => {
    const { accounts } = await readConfig({ BREAKWATCH_CALLBACK_KEY: 'key' });
    expect(accounts[0]).toMatchObject({ name: 'default', callbackKeys: ['key'] });
    expect(accounts[0]?.credentials).toBeUndefined();
  });

  it('reads more accounts from the file, with secrets from the environment', async () => {
    const { accounts } = await withFile(
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

  it('finds mute intervals in the file, or in another file', async () => {
    const accounts = 'accounts: [{ name: a, callbackKeys: [k] }]\n';
    const file = join(folder, 'breakwatch.yaml');
    expect((await withFile(`${accounts}muteIntervals:\n  maintenance: []`)).mute).toEqual({
      file,
      isSection: true,
    });
    expect((await withFile(`${accounts}muteIntervals: night.yaml`)).mute).toEqual({
      file: join(folder, 'night.yaml'),
      isSection: false,
    });
    expect((await withFile(accounts)).mute).toBeUndefined();
    expect(await problemOf(() => withFile(`${accounts}muteIntervals: 5`))).toContain(
      'breakwatch.yaml:2:1: muteIntervals must be a string or an object, not a number.',
    );
  });

  it('finds the directory beside the file that names it, and a number as BIZID', async () => {
    const yaml = 'directory: streams.csv\naccounts: [{ name: a, callbackKeys: [k], bizid: 8888 }]';
    const config = await withFile(yaml);
    expect(config.directoryFile).toBe(join(folder, 'streams.csv'));
    expect(config.accounts[0]?.bizid).toBe('8888');
    const other = await withFile(yaml, { BREAKWATCH_DIRECTORY: '/srv/x.csv' });
    expect(other.directoryFile).toBe('/srv/x.csv');
    const variables = { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_BIZID: '1' };
    expect((await readConfig(variables)).accounts[0]?.bizid).toBe('1');
  });

  it.each([
    [
      'an unknown switch',
      { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_ACTIONS: 'maybe' },
      'BREAKWATCH_ACTIONS',
    ],
    ['half a key pair', { TENCENTCLOUD_SECRET_ID: 'id' }, 'TENCENTCLOUD_SECRET_KEY'],
    ['a port that is out of range', { BREAKWATCH_PORT: '70700' }, 'BREAKWATCH_PORT'],
    ['an unknown site', { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_SITE: 'eu' }, 'BREAKWATCH_SITE'],
    [
      'too long a back-fill',
      { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_BACKFILL_DAYS: '90' },
      'BREAKWATCH_BACKFILL_DAYS must be a number from 0 to 60',
    ],
    [
      'polls that are not a number',
      { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_POLL_SECONDS: 'often' },
      'BREAKWATCH_POLL_SECONDS must be a number from 1 to 59',
    ],
    ['an empty key', { BREAKWATCH_CALLBACK_KEY: 'k,' }, 'BREAKWATCH_CALLBACK_KEY has an empty key'],
    [
      'an endpoint that is not a URL',
      { BREAKWATCH_CALLBACK_KEY: 'k', BREAKWATCH_API_ENDPOINT: 'localhost' },
      'BREAKWATCH_API_ENDPOINT',
    ],
    ['a missing file', { BREAKWATCH_CONFIG: '/does/not/exist.yaml' }, 'does not exist'],
  ])('names the setting: %s', async (_what, environment, words) => {
    expect(await problemOf(() => readConfig(environment))).toContain(words);
  });

  it.each([
    ['broken YAML', 'accounts: [', 'breakwatch.yaml'],
    ['an unknown setting', 'acounts: []', ':1:1: acounts is unknown; did you mean accounts?'],
    [
      'accounts that are not a list',
      'accounts: shop',
      ':1:1: accounts must be a list, not a string.',
    ],
    [
      'an account that is not an object',
      'accounts: [shop]',
      ':1:12: accounts[0] must be an object',
    ],
    ['a directory that is not a name', 'directory: [a]', ':1:1: directory must be a string'],
    [
      'actions that are not a boolean',
      'accounts: [{ name: a, secretId: i, secretKey: k, actions: 1 }]',
      ':1:50: accounts[0].actions must be true or false',
    ],
    [
      'actions without a key pair',
      'accounts: [{ name: a, callbackKeys: [k], actions: true }]',
      'secretId',
    ],
    [
      'a BIZID that is not a number',
      'accounts: [{ name: a, callbackKeys: [k], bizid: [1] }]',
      'accounts[0].bizid must be',
    ],
    [
      'an unknown setting of an account',
      'accounts: [{ name: a, key: b }]',
      ':1:23: accounts[0].key is',
    ],
    ['an account without keys', 'accounts: [{ name: a }]', 'callbackKeys'],
    [
      'an address that is not one',
      'accounts: [{ name: a, callbackKeys: [k], callbackFrom: [10.0.0.0/99] }]',
      'callbackFrom: "10.0.0.0/99"',
    ],
    [
      'a list that allows no address',
      'accounts: [{ name: a, callbackKeys: [k], callbackFrom: [] }]',
      'callbackFrom is empty',
    ],
    ['a proxy by name', 'trustProxy: [proxy.example.com]', 'trustProxy: "proxy.example.com"'],
    [
      'a name that is not allowed',
      'accounts: [{ name: "a/b", callbackKeys: [k] }]',
      ':1:14: accounts[0].name must be letters, digits, - and _',
    ],
    [
      'an empty restriction',
      'accounts: [{ name: a, callbackKeys: [k], callbackFrom: "" }]',
      ':1:42: callbackFrom is empty. Remove it, or give it a value.',
    ],
    ['empty tokens', 'server: { tokens: "" }', ':1:11: tokens is empty. Remove it'],
    [
      'single sign-on without roles',
      'server: { singleSignOn: { header: X-User, proxies: [10.0.0.5], roles: [] } }',
      'server.singleSignOn.roles is empty. List one or more of',
    ],
    [
      'single sign-on without proxies',
      'server: { singleSignOn: { header: X-User, proxies: [], roles: [read] } }',
      'server.singleSignOn.proxies is empty. Remove it',
    ],
    [
      'an unknown role',
      'server: { singleSignOn: { header: X-User, proxies: [10.0.0.5], roles: [root] } }',
      ':1:64: server.singleSignOn.roles must be one of',
    ],
    [
      'a host name with a port',
      'server: { allowedHosts: ["a.example.com:7070"] }',
      'server.allowedHosts: "a.example.com:7070" is not a host name',
    ],
    ['a variable that is not set', 'accounts: [{ name: a, callbackKeys: ["${GONE}"] }]', 'GONE'],
    [
      'two accounts with the same name',
      'accounts: [{ name: a, callbackKeys: [k] }, { name: a, callbackKeys: [k] }]',
      'two accounts',
    ],
    [
      'too long a back-fill',
      'accounts: [{ name: a, callbackKeys: [k], backfillDays: 90 }]',
      ':1:42: accounts[0].backfillDays must be a number from 0 to 60; got 90.',
    ],
  ])('names the position in the file: %s', async (_what, yaml, words) => {
    expect(await problemOf(() => withFile(yaml))).toContain(words);
  });

  it('reads the allowed addresses of callbacks, from file and environment', async () => {
    const file = await withFile(
      'trustProxy: [10.0.0.5]\naccounts: [{ name: a, callbackKeys: [k], callbackFrom: [203.0.113.0/24] }]',
    );
    expect(file.trustProxy).toEqual(['10.0.0.5']);
    expect(file.accounts[0]?.callbackFrom).toEqual(['203.0.113.0/24']);
    const environment = {
      BREAKWATCH_CALLBACK_KEY: 'k',
      BREAKWATCH_CALLBACK_FROM: '203.0.113.7, 2001:db8::/32',
      BREAKWATCH_TRUST_PROXY: '10.0.0.6',
    };
    const { trustProxy, accounts } = await readConfig(environment);
    expect(trustProxy).toEqual(['10.0.0.6']);
    expect(accounts[0]?.callbackFrom).toEqual(['203.0.113.7', '2001:db8::/32']);
  });

  it('shows no secret in an error', async () => {
    const message = await problemOf(() =>
      withFile('accounts: [{ name: a, secretId: topsecret, callbackKeys: [hidden] }]'),
    );
    expect(message).not.toMatch(/topsecret|hidden/);
  });
});
