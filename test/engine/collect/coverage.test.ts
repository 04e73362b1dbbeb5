import { describe, expect, it } from 'vitest';
import {
  afterCovered,
  type Coverage,
  gapsNow,
  readCoverage,
} from '../../../src/engine/collect/coverage.ts';
import { NOON } from '../../helpers/arrived-end.ts';

const MINUTE = 60_000;
const nothing = readCoverage(undefined);
const see = (coverage: Coverage, at: number, isFilled = false) =>
  afterCovered(coverage, at, MINUTE, isFilled);

describe('coverage', () => {
  it('has no gap before the account is first seen, nor between times that are close', () => {
    const twice = see(see(nothing, NOON), NOON + MINUTE);
    expect(gapsNow(nothing, NOON, MINUTE)).toEqual([]);
    expect(gapsNow(twice, NOON + 2 * MINUTE, MINUTE)).toEqual([]);
  });

  it('has a gap while it continues, after its end, and after it is filled', () => {
    const seen = see(nothing, NOON);
    const current = { from: NOON, to: null, filledAt: null };
    expect(gapsNow(seen, NOON + 5 * MINUTE, MINUTE)).toEqual([current]);
    const over = see(seen, NOON + 5 * MINUTE);
    const gap = { from: NOON, to: NOON + 5 * MINUTE, filledAt: null };
    expect(over.gaps).toEqual([gap]);
    const filled = see(over, NOON + 5 * MINUTE + 10_000, true);
    expect(filled.gaps).toEqual([{ ...gap, filledAt: NOON + 5 * MINUTE + 10_000 }]);
    expect(see(filled, NOON + 5 * MINUTE + 20_000, true).gaps).toEqual(filled.gaps);
  });

  it('forgets gaps that are older than the API keeps events', () => {
    const gap = see(see(nothing, NOON), NOON + 5 * MINUTE, true);
    const later = NOON + 61 * 86_400_000;
    expect(see(gap, later).gaps.map(({ from }) => from)).toEqual([NOON + 5 * MINUTE]);
  });

  it('survives a restart, and drops unusable values', () => {
    const coverage = { ...see(see(nothing, NOON), NOON + 5 * MINUTE), callbacksSince: NOON };
    expect(readCoverage(JSON.parse(JSON.stringify(coverage)))).toEqual(coverage);
    for (const odd of [null, 7, 'x', [], { seenAt: 'x', gaps: [{ from: 1 }, null, 4] }]) {
      expect(readCoverage(odd)).toEqual(nothing);
    }
  });
});
