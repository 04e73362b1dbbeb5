import { expect, it } from 'vitest';
import { HeldPushes, keyOfPush } from '../../src/incidents/held-pushes.ts';
import { streamText } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';

const push = (stream: string, startedAt: number, sequence: string | null = null) =>
  ({
    account: 'default',
    domain: 'push.example.com',
    app: 'live',
    stream,
    sequence,
    startedAt,
    endedAt: null,
  }) as Push;

it('finds pushes by key and by stream, and each once', () => {
  const held = new HeldPushes();
  const [first, second, other] = [push('a', 1), push('a', 2, 's2'), push('b', 1)];
  for (const one of [first, second, other, { ...second, endedAt: 9 }]) {
    held.set(keyOfPush(one), one);
  }
  expect(held.size).toBe(3);
  expect(held.ofStream(streamText(first))).toEqual([first, { ...second, endedAt: 9 }]);
  expect(held.get(keyOfPush(other))).toBe(other);
});

it('forgets a push with its stream, and says whether it was held', () => {
  const held = new HeldPushes();
  const only = push('a', 1);
  held.set(keyOfPush(only), only);
  expect(held.delete(keyOfPush(only), streamText(only))).toBe(true);
  expect(held.delete(keyOfPush(only), streamText(only))).toBe(false);
  expect(held.ofStream(streamText(only))).toEqual([]);
  expect([...held.all]).toEqual([]);
});
