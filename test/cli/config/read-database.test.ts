import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDatabase } from '../../../src/cli/config/read-database.ts';

const URL_OF_FILE = 'postgres://app:hush@db.internal/breakwatch';

describe('readDatabase', () => {
  it('is undefined without a database, so that the data folder has the store', () => {
    expect(readDatabase(undefined, {})).toBeUndefined();
    expect(readDatabase(undefined, { BREAKWATCH_DATABASE_URL: '' })).toBeUndefined();
  });

  it('reads the file, with variables, and the environment before the file', () => {
    expect(readDatabase(URL_OF_FILE, {})).toEqual({ url: URL_OF_FILE });
    const entry = {
      url: 'postgres://app:${SECRET}@db.internal/breakwatch',
      passwordFile: 'password',
      schema: 'other',
    };
    expect(readDatabase(entry, { SECRET: 'hush' })).toEqual({
      url: URL_OF_FILE,
      passwordFile: resolve('password'),
      schema: 'other',
    });
    const environment = {
      SECRET: 'hush',
      BREAKWATCH_DATABASE_URL: 'postgres://me@127.0.0.1/mine',
      BREAKWATCH_DATABASE_PASSWORD_FILE: '/run/password',
    };
    expect(readDatabase(entry, environment)).toEqual({
      url: 'postgres://me@127.0.0.1/mine',
      passwordFile: '/run/password',
      schema: 'other',
    });
  });

  it.each([
    ['mysql://app:hush@db/x', {}],
    ['postgres://app:hush@db/x?sslmode=yes', {}],
    [{ url: URL_OF_FILE, schema: 'Not good' }, {}],
  ])('refuses %j and quotes no password', (entry, environment) => {
    let message = '';
    try {
      readDatabase(entry, environment);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'BAD_CONFIG' });
      message = (thrown as Error).message;
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('hush');
  });
});
