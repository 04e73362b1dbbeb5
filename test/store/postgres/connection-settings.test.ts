import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../../src/store/postgres/connection-settings.ts';

const of = (url: string, more = {}) => connectionOf({ url, ...more });

describe('the settings of a connection', () => {
  test('come from the URL', () => {
    expect(of('postgres://u%40x:p%3A1@db.example.com:6432/the%20db')).toMatchObject({
      host: 'db.example.com',
      port: 6432,
      user: 'u@x',
      password: 'p:1',
      database: 'the db',
    });
    expect(of('postgresql://u@/d?host=/run/postgresql')).toMatchObject({
      host: '/run/postgresql',
      port: 5432,
      ssl: false,
    });
  });

  test('check the name of a server on another machine, unless told otherwise', () => {
    expect(of('postgres://u@db/d').ssl).toEqual({ rejectUnauthorized: true });
    expect(of('postgres://u@db/d?sslmode=require').ssl).toEqual({ rejectUnauthorized: false });
    expect(of('postgres://u@db/d?sslmode=verify-ca').ssl).toMatchObject({
      rejectUnauthorized: true,
      checkServerIdentity: expect.any(Function),
    });
    expect(of('postgres://u@db/d?sslmode=disable').ssl).toBe(false);
    expect(of('postgres://u@127.0.0.1/d').ssl).toBe(false);
    expect(of('postgres://u@localhost/d?sslmode=verify-full').ssl).toEqual({
      rejectUnauthorized: true,
    });
  });

  test.each([
    'mysql://u:hush@db/d',
    'postgres://u:hush@db/',
    'postgres://:hush@db/d',
    'postgres://u:hush@db/d?sslmode=prefer',
    'postgres://u:hush@db/d?sslmode=disable&pool=3',
    'postgres://u:hush%zz@db/d',
    'postgres://u:hush@db/d?port=x',
    'postgres://u:hush@db/d?sslrootcert=/does/not/exist',
    'hush',
  ])('refuse %s without quoting it', (url) => {
    let error: unknown;
    try {
      of(url);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'BAD_CONFIG' });
    expect(String((error as Error).message)).not.toContain('hush');
  });

  test('refuse a schema that would need quotes', () => {
    expect(() => of('postgres://u@db/d', { schema: 'x"; DROP' })).toThrow(/schema/);
  });
});
