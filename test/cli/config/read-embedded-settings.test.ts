import { describe, expect, it } from 'vitest';
import { readEmbeddedSettings } from '../../../src/cli/config/read-embedded-settings.ts';

const read = (settings: Record<string, unknown>, secretKey = 'a-key') =>
  readEmbeddedSettings({ token: 'a-token', dataFolder: '/data', secretKey, settings });

describe('the settings of an embedded data source', () => {
  it('have defaults', () => {
    expect(read({ mode: 'embedded', secretId: ' an-id ' })).toEqual({
      host: '127.0.0.1',
      port: 0,
      token: 'a-token',
      dataFolder: '/data',
      rulesFolder: undefined,
      accounts: [
        {
          name: 'default',
          site: 'cn',
          credentials: { secretId: 'an-id', secretKey: 'a-key' },
          callbackKeys: [],
          pushKeys: [],
          backfillMs: 86_400_000,
          pollSeconds: 10,
        },
      ],
    });
  });

  it('are read', () => {
    const endpoint = 'http://127.0.0.1:9000';
    const directory = '/etc/names.csv';
    const { keepDays, directoryFile, accounts } = read({
      ...{ secretId: 'an-id', site: 'intl', accountName: 'shop', endpoint, directory },
      ...{ keepDays: 0, backfillDays: 60 },
    });
    expect({ keepDays, directoryFile }).toEqual({ keepDays: 0, directoryFile: directory });
    expect(accounts[0]).toMatchObject({ name: 'shop', site: 'intl', endpoint });
    expect(accounts[0]?.backfillMs).toBe(60 * 86_400_000);
  });

  it.each([
    [{ secretId: '' }, 'SecretId (secretId) is missing.'],
    [{ secretId: 5 }, 'SecretId (secretId) must be a string.'],
    [{ site: 'us' }, 'Site (site) is "us"; it must be cn or intl.'],
    [{ accountName: 'a b' }, 'Account name (accountName) is "a b"'],
    [{ endpoint: 'x' }, 'API endpoint (endpoint) must be an http or https address'],
    [{ endpoint: 'http://a:b@x' }, 'API endpoint (endpoint) contains a user or password.'],
    [{ directory: 'names.csv' }, 'Directory (directory) is "names.csv"; it must be an absolute'],
    [{ backfillDays: '7' }, 'Back-fill (backfillDays) must be a number of days from 0 to 60.'],
    [{ backfillDays: 61 }, 'Back-fill (backfillDays) must be a number of days from 0 to 60.'],
    [{ keepDays: 1.5 }, 'Retention (keepDays) must be a whole number of days'],
    [{ keepDays: -1 }, 'Retention (keepDays) must be a number of days'],
  ])('name the setting that is wrong: %j', (change, problem) => {
    expect(() => read({ secretId: 'an-id', ...change })).toThrow(
      expect.objectContaining({
        code: 'NOT_CONFIGURED',
        message: expect.stringContaining(`The connection settings are not valid: ${problem}`),
      }),
    );
  });

  it('need a key', () => {
    expect(() => read({ secretId: 'an-id' }, '')).toThrow(
      'SecretKey (secretKey, stored encrypted)',
    );
  });
});
