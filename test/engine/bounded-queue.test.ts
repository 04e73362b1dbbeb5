import { expect, it } from 'vitest';
import { BoundedQueue } from '../../src/engine/bounded-queue.ts';

it('runs no more tasks at once than allowed, and waits for all of them at the end', async () => {
  const queue = new BoundedQueue(2);
  const running: (() => void)[] = [];
  let started = 0;
  const task = () => {
    started += 1;
    return new Promise<void>((resolve) => running.push(resolve));
  };
  await queue.add(task);
  const second = queue.add(task);
  let isFree = false;
  void second.then(() => {
    isFree = true;
  });
  await Promise.resolve();
  expect([started, isFree]).toEqual([2, false]);
  running.shift()?.();
  await second;
  const third = queue.add(task);
  running.splice(0).forEach((end) => {
    end();
  });
  await third;
  await queue.end();
  expect(started).toBe(3);
});

it('reports the first failure, and starts nothing after it', async () => {
  const queue = new BoundedQueue(2);
  await queue.add(() => Promise.reject(new Error('no')));
  await expect(queue.end()).rejects.toThrow('no');
  let started = false;
  const add = queue.add(async () => {
    started = true;
  });
  await expect(add).rejects.toThrow('no');
  expect(started).toBe(false);
});
