import { expect, it } from 'vitest';
import { streamLabel } from '../../src/model/push.ts';

it.each([
  [{ room: '293710', user: '14y2l2c', streamType: 'main' }, '14y2l2c in room 293710'],
  [{ room: '293710', user: '14y2l2c', streamType: 'aux' }, '14y2l2c in room 293710 (screen)'],
  [{ room: '7' }, 'room 7'],
  [{ user: 'u', recordId: '5' }, 'u'],
  [{ recordId: '5' }, 'record 5'],
  [{ team: 'Night shift' }, 'Night shift'],
  [{ vip: true }, 'VIP'],
] as const)('names %o as %s', (facts, name) => {
  expect(streamLabel({ reason: 'network', ...facts })?.name).toBe(name);
});

it('has no label without facts that name the stream', () => {
  expect(streamLabel({ reason: 'network', streamType: 'aux' })).toBeNull();
});
