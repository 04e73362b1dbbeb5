import type { Static } from 'typebox';
import type { Equal } from '../../contract/schema.ts';
import type { CoverageStateSchema } from '../../contract/stored.ts';
import type { CoverageGap } from '../../model/health.ts';

/** The times for which an account was collected. Times are epoch ms UTC. */
export interface Coverage {
  /** When it was last seen; null before the first time. */
  seenAt: number | null;
  /** Callbacks are expected since this time; null if there are none. */
  callbacksSince: number | null;
  /** Gaps that have ended, oldest first. */
  gaps: CoverageGap[];
}

// It is stored, so it must match the contract.
true satisfies Equal<Static<typeof CoverageStateSchema>, Coverage>;

/** Gaps older than this, ms, are forgotten, because the API does not reach further back. */
const GAP_KEPT_MS = 60 * 86_400_000;
const MAX_GAPS = 100;

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isGap(value: unknown): value is CoverageGap {
  const { from, to, filledAt } = (value ?? {}) as Partial<CoverageGap>;
  return isTime(from) && isTime(to) && (filledAt === null || isTime(filledAt));
}

/** Checks a stored coverage and drops unusable values. */
export function readCoverage(stored: unknown): Coverage {
  const { seenAt, callbacksSince, gaps } = (stored ?? {}) as Partial<
    Record<keyof Coverage, unknown>
  >;
  return {
    seenAt: isTime(seenAt) ? seenAt : null,
    callbacksSince: isTime(callbacksSince) ? callbacksSince : null,
    gaps: Array.isArray(gaps) ? gaps.filter(isGap) : [],
  };
}

/**
 * Returns the coverage after the account was seen again.
 *
 * @param maxMs - a longer time without being seen is a gap, ms
 * @param isFilled - whether everything before has been read by now
 * @param why - code of the error that caused the gap; undefined if Breakwatch was not running
 */
export function afterCovered(
  coverage: Coverage,
  at: number,
  maxMs: number,
  isFilled: boolean,
  why?: string,
): Coverage {
  const { seenAt } = coverage;
  const gaps = coverage.gaps.filter(({ to }) => (to ?? at) > at - GAP_KEPT_MS);
  if (seenAt !== null && at - seenAt > maxMs) {
    gaps.push({ from: seenAt, to: at, filledAt: null, ...(why ? { why } : {}) });
  }
  return {
    ...coverage,
    // The time may be earlier than before, so that a clock that was set back opens no gap later.
    seenAt: at,
    gaps: gaps
      .map((gap) => (gap.filledAt === null && isFilled ? { ...gap, filledAt: at } : gap))
      .slice(-MAX_GAPS),
  };
}

/** Returns all gaps, including the current one. */
export function gapsNow(coverage: Coverage, now: number, maxMs: number): CoverageGap[] {
  const { seenAt, gaps } = coverage;
  return seenAt !== null && now - seenAt > maxMs
    ? [...gaps, { from: seenAt, to: null, filledAt: null }]
    : gaps;
}
