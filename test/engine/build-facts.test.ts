import { describe, expect, it } from 'vitest';
import { buildFacts } from '../../src/engine/build-facts.ts';
import { mergeEnd } from '../../src/engine/merge-end.ts';
import { FACT_NAMES } from '../../src/model/fact-catalogue.ts';
import { callbackEnd, NOON } from '../helpers/arrived-end.ts';

describe('buildFacts', () => {
  it('tells what is known and leaves out what is not', () => {
    const facts = buildFacts({
      event: mergeEnd(undefined, callbackEnd({ clientIp: null, durationMs: 1_999 })),
      derived: { txTime: '2026-03-01T11:46:00Z', secondsPastExpiry: 240 },
      surroundings: {
        previousBreak: { endedAt: NOON - 41_000, reason: 'idle_no_data', category: 'client' },
        breaksOfStream: 3,
        breaksOfClientIp: 0,
        breaksOfNode: 12,
        breaksOfDomain: 14,
      },
      apiState: 'stopped',
    });
    expect(facts).toMatchObject({
      reason: 'network',
      code: '12',
      secondsLive: 1,
      secondsPastExpiry: 240,
      previousReason: 'idle_no_data',
      secondsSincePreviousBreak: 41,
      breaksOfNode5m: 12,
      apiState: 'stopped',
    });
    // Counts for an address that nobody knows would read as "no other break from there".
    expect(facts).not.toHaveProperty('clientIp');
    expect(facts).not.toHaveProperty('breaksOfClientIp5m');
    expect(Object.values(facts)).not.toContain(null);
  });

  it('uses no name outside the fact catalogue', () => {
    const facts = buildFacts({
      event: mergeEnd(undefined, callbackEnd()),
      derived: {},
      surroundings: null,
      apiState: 'ok',
    });
    for (const name of Object.keys(facts)) {
      expect(FACT_NAMES).toContain(name);
    }
  });
});
