import { expect, test } from 'vitest';
import { CallTracker } from '../../../src/store/postgres/call-tracker.ts';

test('a call of several steps ends before the store is closed, and later ones are refused', async () => {
  const calls = new CallTracker();
  const done: string[] = [];
  const next = Promise.withResolvers<void>();
  const { write, fail } = calls.track({
    async write(name: string) {
      await next.promise;
      done.push(name);
      return name;
    },
    async fail() {
      await next.promise;
      throw new Error('it failed');
    },
  });
  const written = write('a');
  const failed = fail();
  failed.catch(() => undefined);
  const closed = calls.close().then(() => done.push('closed'));
  await expect(write('b')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  next.resolve();
  await closed;
  expect(done).toEqual(['a', 'closed']);
  expect(await written).toBe('a');
  await expect(failed).rejects.toThrow('it failed');
});
