import { describe, expect, it } from 'vitest';
import { computeRecovery } from '../../src/engine/compute-recovery.ts';
import type { Push } from '../../src/model/push.ts';
import { NOON } from '../helpers/arrived-end.ts';

const push = (startedAt: number, sequence: string | null = null): Push => ({
  account: 'default',
  domain: 'push.example.com',
  app: 'live',
  stream: 'shop-17',
  startedAt,
  endedAt: null,
  sequence,
});

describe('computeRecovery', () => {
  const event = { startedAt: NOON - 60_000, endedAt: NOON, sequence: '1' };

  it('is the first push after the break, in whatever order pushes are given', () => {
    const pushes = [push(NOON + 90_000), push(NOON - 60_000, '1'), push(NOON + 41_000)];
    expect(computeRecovery(event, pushes)).toBe(NOON + 41_000);
    expect(computeRecovery(event, pushes.toReversed())).toBe(NOON + 41_000);
  });

  it('is not there while no later push is known', () => {
    expect(computeRecovery(event, [push(NOON - 60_000, '1')])).toBeNull();
    expect(computeRecovery(event, [])).toBeNull();
  });

  it('does not take the broken push itself for its recovery', () => {
    const zeroLength = { startedAt: NOON, endedAt: NOON, sequence: '9' };
    expect(computeRecovery(zeroLength, [push(NOON, '9')])).toBeNull();
  });
});
