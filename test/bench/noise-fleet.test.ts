import { describe, expect, it } from 'vitest';
import { makeFleet } from '../../bench/noise/make-fleet.ts';

const HOUR_S = 3_600;
const WINDOW_S = 7;
/** In these fleets, no shared fault has one of these reasons. */
const LINK_REASONS = ['network', 'idle_no_data', 'client_closed'];

/** Probability of `count` events or more where `mean` are expected. */
function poissonTail(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < count; k += 1) {
    below += term;
    term *= mean / (k + 1);
  }
  return 1 - below;
}

describe('makeFleet', () => {
  it.each([5, 811, 812])('makes independent breaks that are no bursts, seed %i', (seed) => {
    const fleet = makeFleet({ streams: 5_000, hours: 4, breaksPerSession: 2, seed }, 0);
    const domainOf = new Map(fleet.hosts.map(({ stream, domain }) => [stream, domain]));
    // While all streams are in their first session.
    const [from, to] = [HOUR_S / 2, 3 * HOUR_S];
    const counts = new Map<string, number>();
    let breaks = 0;
    for (const { stream, endedAt, end } of fleet.pushes) {
      const at = (endedAt ?? 0) / 1_000;
      if (end?.do === 'break' && LINK_REASONS.includes(end.reason ?? '') && at >= from && at < to) {
        const key = `${domainOf.get(stream)} ${Math.floor(at / WINDOW_S)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        breaks += 1;
      }
    }
    const windows = (8 * (to - from)) / WINDOW_S;
    const most = Math.max(...counts.values());
    const expected = windows * poissonTail(most, breaks / windows);
    expect(expected).toBeGreaterThan(0.01);
  });
});
