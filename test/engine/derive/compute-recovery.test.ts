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

  it('is the first push after the break, whatever the order of pushes', () => {
    const pushes = [push(NOON + 90_000), push(NOON - 60_000, '1'), push(NOON + 41_000)];
    expect(computeRecovery(event, pushes)).toBe(NOON + 41_000);
    expect(computeRecovery(event, pushes.toReversed())).toBe(NOON + 41_000);
  });

  it('is null while no later push is known', () => {
    expect(computeRecovery(event, [push(NOON - 60_000, '1')])).toBeNull();
    expect(computeRecovery(event, [])).toBeNull();
  });

  it('is not the broken push itself', () => {
    const zeroLength = { startedAt: NOON, endedAt: NOON, sequence: '9', durationMs: 500 };
    expect(computeRecovery(zeroLength, [push(NOON, '9')])).toBeNull();
  });

  it('distinguishes the next push from a short one if one clock reports both', () => {
    const short = { startedAt: NOON - 2_000, endedAt: NOON, sequence: null, durationMs: 2_000 };
    expect(computeRecovery(short, [push(NOON - 2_000), push(NOON)])).toBe(NOON);
  });

  it('uses the start in the callback if the API reports the push by another clock', () => {
    const echo = [push(NOON + 38_000), push(NOON + 41_000, '2')];
    expect(computeRecovery(event, echo)).toBe(NOON + 41_000);
    expect(computeRecovery(event, [push(NOON + 30_000), ...echo])).toBe(NOON + 30_000);
  });

  it('uses the start in the API before one that follows from the duration of the push', () => {
    const pushes = [push(NOON + 40_700, '2'), push(NOON + 41_000)];
    expect(computeRecovery(event, pushes)).toBe(NOON + 41_000);
    expect(computeRecovery(event, pushes.toReversed())).toBe(NOON + 41_000);
  });

  it('is the computed start if the API puts the push before the break', () => {
    const next = [push(NOON - 1_000), push(NOON + 1_700, '2')];
    expect(computeRecovery(event, next)).toBe(NOON + 1_700);
  });

  it('is not the short push itself if another clock is ahead', () => {
    const short = { startedAt: NOON - 1_000, endedAt: NOON, sequence: '1', durationMs: 1_000 };
    expect(computeRecovery(short, [push(NOON + 2_000)])).toBeNull();
    const refused = { ...short, startedAt: NOON, durationMs: 0 };
    expect(computeRecovery(refused, [push(NOON)])).toBe(NOON);
  });

  it('is not a push of the next day', () => {
    expect(computeRecovery(event, [push(NOON + 25 * 3_600_000)])).toBeNull();
  });

  describe('beside another live push', () => {
    const second = (part: Partial<Push> = {}) => ({ ...push(NOON - 20_000, '2'), ...part });
    const later = push(NOON + 7_200_000, '3');

    it('is the break itself, not the next session', () => {
      expect(computeRecovery(event, [second(), later])).toBe(NOON);
      expect(computeRecovery(event, [second({ endedAt: NOON + 600_000 }), later])).toBe(NOON);
      // The new push replaces the old one a moment before CSS ends that.
      expect(computeRecovery(event, [second({ startedAt: NOON - 1_000 }), later])).toBe(NOON);
    });

    it('is the next session when that push ended first', () => {
      expect(computeRecovery(event, [second({ endedAt: NOON - 1_000 }), later])).toBe(
        NOON + 7_200_000,
      );
    });

    it('does not count a push of which a later one shows that it had ended', () => {
      const third = { ...push(NOON - 10_000, '4'), endedAt: NOON - 5_000 };
      expect(computeRecovery(event, [second(), third, later])).toBe(NOON + 7_200_000);
    });

    it('does not count an older push whose end was lost, nor the same push by another clock', () => {
      expect(computeRecovery(event, [push(NOON - 7_200_000, '0'), later])).toBe(NOON + 7_200_000);
      expect(computeRecovery(event, [push(NOON - 58_000), later])).toBe(NOON + 7_200_000);
      // The next push, which another clock puts before the break.
      expect(computeRecovery(event, [push(NOON - 2_000), later])).toBe(NOON + 7_200_000);
    });

    it('needs a known end for a refused try, which speaks against a live push', () => {
      const refused = { startedAt: NOON, endedAt: NOON, sequence: '9', durationMs: 0 };
      expect(computeRecovery(refused, [second(), later])).toBe(NOON + 7_200_000);
      expect(computeRecovery(refused, [second({ endedAt: NOON + 9_000 }), later])).toBe(NOON);
    });
  });
});
