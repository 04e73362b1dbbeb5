import { describe, expect, it } from 'vitest';
import { silentSince } from '../../src/model/break.ts';

describe('silentSince', () => {
  const event = { reason: 'network', outcome: 'broken' as const, startedAt: 0, endedAt: 500_000 };

  it('is 70 s before a network or idle break, but never before its push', () => {
    expect(silentSince(event)).toBe(430_000);
    expect(silentSince({ ...event, reason: 'idle_no_data', startedAt: null })).toBe(430_000);
    expect(silentSince({ ...event, startedAt: 460_000 })).toBe(460_000);
  });

  it('is null for breaks that CSS sees at once, and for refusals', () => {
    expect(silentSince({ ...event, reason: 'arrears' })).toBeNull();
    expect(silentSince({ ...event, outcome: 'refused' })).toBeNull();
    expect(silentSince({ ...event, outcome: 'ended' })).toBeNull();
  });
});
