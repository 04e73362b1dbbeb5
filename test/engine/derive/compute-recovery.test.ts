import { describe, expect, it } from 'vitest';
import { computeRecovery } from '../../../src/engine/derive/compute-recovery.ts';
import type { Push } from '../../../src/model/push.ts';
import { NOON } from '../../helpers/arrived-end.ts';

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
  const event = { startedAt: NOON - 60_000, endedAt: NOON, sequence: '1', durationMs: 60_000 };

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
    const zeroLength = { startedAt: NOON, endedAt: NOON, sequence: '9', durationMs: 500 };
    expect(computeRecovery(zeroLength, [push(NOON, '9')])).toBeNull();
  });

  it('knows the next push from a short one when one clock tells both', () => {
    const short = { startedAt: NOON - 2_000, endedAt: NOON, sequence: null, durationMs: 2_000 };
    expect(computeRecovery(short, [push(NOON - 2_000), push(NOON)])).toBe(NOON);
  });

  it('takes the callback’s start of a push that the API tells by another clock', () => {
    const echo = [push(NOON + 38_000), push(NOON + 41_000, '2')];
    expect(computeRecovery(event, echo)).toBe(NOON + 41_000);
    expect(computeRecovery(event, [push(NOON + 30_000), ...echo])).toBe(NOON + 30_000);
  });

  it('does not take a short push for its own recovery because another clock is ahead', () => {
    const short = { startedAt: NOON - 1_000, endedAt: NOON, sequence: '1', durationMs: 1_000 };
    expect(computeRecovery(short, [push(NOON + 2_000)])).toBeNull();
    const refused = { ...short, startedAt: NOON, durationMs: 0 };
    expect(computeRecovery(refused, [push(NOON)])).toBe(NOON);
  });

  it('leaves a push on the next day out', () => {
    expect(computeRecovery(event, [push(NOON + 25 * 3_600_000)])).toBeNull();
  });
});
