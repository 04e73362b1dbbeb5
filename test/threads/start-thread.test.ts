import { afterEach, expect, it, vi } from 'vitest';
import type { BreakwatchError } from '../../src/model/errors.ts';
import { startThread, type Thread, type ThreadOptions } from '../../src/threads/start-thread.ts';
import { ThreadPool } from '../../src/threads/thread-pool.ts';
import type { WorkerOperations } from './worker.ts';

const URL_OF_WORKER = new URL('./worker.ts', import.meta.url);

const threads: Thread<WorkerOperations>[] = [];
let notes: string[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.end()));
  notes = [];
});

function start(options: Partial<ThreadOptions> = {}): Thread<WorkerOperations> {
  const thread = startThread<WorkerOperations>({
    url: URL_OF_WORKER,
    name: 'test',
    data: () => ({}),
    operations: { double: async (n: number) => 2 * n, note: (text: string) => notes.push(text) },
    ...options,
  });
  threads.push(thread);
  return thread;
}

it('answers calls by id, whatever their duration, and carries coded errors', async () => {
  const thread = start();
  const [late, early] = [thread.call('later', 50, 'late'), thread.call('later', 0, 'early')];
  expect(await Promise.race([late, early])).toBe('early');
  expect(await late).toBe('late');
  await expect(thread.call('refuse', 'b-7')).rejects.toMatchObject({
    code: 'UNKNOWN_BREAK',
    message: expect.stringContaining('b-7'),
  });
  await expect(thread.call('unclonable')).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(thread.call('later', 0, (() => '') as never)).rejects.toMatchObject({
    code: 'INTERNAL',
  });
});

it('keeps the order of calls and notifications, in both directions', async () => {
  const thread = start();
  thread.notify('note', '1');
  const second = thread.call('note', '2');
  thread.notify('note', '3');
  await second;
  // The answer to a call comes after what the thread sent before it.
  expect(notes).toEqual(['1', '2']);
  await thread.call('note', '4');
  expect(notes).toEqual(['1', '2', '3', '4']);
  expect(await thread.call('double', 21)).toBe(42);
});

it('moves buffers instead of copying them', async () => {
  const thread = start();
  expect(await thread.call('moved')).toEqual({ bytes: Float64Array.of(1, 2, 3) });
  expect(await thread.call('left')).toBe(0);
});

it('fails pending calls when the thread stops, and replaces it with newer data', async () => {
  const stops: BreakwatchError[] = [];
  const data = vi.fn(() => ({}));
  let readies = 0;
  const thread = start({
    data,
    onStop: (error) => stops.push(error),
    onReady: () => {
      readies += 1;
    },
  });
  await thread.ready;
  const first = await thread.call('thread');
  const pending = thread.call('later', 60_000, 'never');
  await expect(thread.call('die')).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining('"test" has ended'),
  });
  await expect(pending).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await expect(thread.call('thread')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  // Lost without an error, because a notification has no answer.
  thread.notify('note', 'lost');
  await expect
    .poll(() => thread.call('thread').catch(() => first), { timeout: 50_000 })
    .not.toBe(first);
  expect([readies, data.mock.calls.length, stops.length]).toEqual([2, 2, 1]);
  expect(notes).toEqual([]);
});

it('rejects with the error of a thread that cannot be set up, and does not try again', async () => {
  const onStop = vi.fn();
  const thread = start({ data: () => ({ broken: true }), onStop });
  await expect(thread.ready).rejects.toMatchObject({ code: 'STORE_FULL' });
  await expect(thread.call('thread')).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(onStop).not.toHaveBeenCalled();
});

it('retries a first start if requested', async () => {
  let broken = true;
  const thread = start({
    data: () => ({ broken }),
    retryFirstStart: true,
    onStop: () => {
      broken = false;
    },
  });
  await expect(thread.ready).rejects.toMatchObject({ code: 'STORE_FULL' });
  await expect
    .poll(() => thread.call('later', 0, 'works').catch(String), { timeout: 50_000 })
    .toBe('works');
});

it('ends after earlier calls, and accepts no later ones', async () => {
  const thread = start();
  const asked = thread.call('note', 'asked');
  const ended = thread.end();
  await asked;
  await expect(thread.call('thread')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  thread.notify('note', 'too late');
  await ended;
  expect(notes).toEqual(['asked', 'ended']);
});

it('terminates a thread that does not end in time', async () => {
  const thread = start({ terminateAfterMs: 50 });
  const hanging = thread.call('hang');
  hanging.catch(() => undefined);
  await thread.end();
  await expect(hanging).rejects.toMatchObject({ code: 'STORE_FAILED' });
});

it('shares a queue of calls among the threads of a pool, and fails waiting calls at its end', async () => {
  const startOne = vi.fn(async () => start());
  const pool = new ThreadPool<WorkerOperations>(startOne, 2);
  const calls = [1, 2, 3, 4].map((n) => pool.call('double', n));
  const refused = expect(pool.call('refuse', 'b-7')).rejects.toMatchObject({
    code: 'UNKNOWN_BREAK',
  });
  expect(await Promise.all(calls)).toEqual([2, 4, 6, 8]);
  await refused;
  expect(startOne).toHaveBeenCalledTimes(2);
  const [done, done2, waiting] = [1, 2, 3].map(() => pool.call('later', 20, 'done'));
  const failed = expect(waiting).rejects.toThrow('closed');
  await pool.close();
  expect(await Promise.all([done, done2])).toEqual(['done', 'done']);
  await failed;
});
