import type { Static } from 'typebox';
import type { Equal } from '../../contract/schema.ts';
import type { CoverageStateSchema } from '../../contract/stored.ts';
import type { CoverageGap } from '../../model/health.ts';

/** What is known of when an account could be seen. Times are epoch ms UTC. */
export interface Coverage {
  /** The last moment at which it was seen; null before the first. */
  seenAt: number | null;
  /** Since when callbacks are expected; null where none are. */
  callbacksSince: number | null;
  /** Gaps that are over, oldest first. */
  gaps: CoverageGap[];
}

// It is stored, so it must be what the contract says.
true satisfies Equal<Static<typeof CoverageStateSchema>, Coverage>;

/** Gaps older than this, in ms, are forgotten: the API reaches no further back. */
const REMEMBERED_MS = 60 * 86_400_000;
const MAX_GAPS = 100;

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isGap(value: unknown): value is CoverageGap {
  const { from, to, filledAt } = (value ?? {}) as Partial<CoverageGap>;
  return isTime(from) && isTime(to) && (filledAt === null || isTime(filledAt));
}

/** Reads what was stored; what is unusable is forgotten. */
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
 * The coverage after the account was seen again.
 *
 * @param maxMs - longer than this without being seen is a gap
 * @param isFilled - whether all that lies back has been read by now
 * @param why - code of the error because of which it was not seen; undefined when nobody looked
 */
export function afterCovered(
  coverage: Coverage,
  at: number,
  maxMs: number,
  isFilled: boolean,
  why?: string,
): Coverage {
  const { seenAt } = coverage;
  const gaps = coverage.gaps.filter(({ to }) => (to ?? at) > at - REMEMBERED_MS);
  if (seenAt !== null && at - seenAt > maxMs) {
    gaps.push({ from: seenAt, to: at, filledAt: null, ...(why ? { why } : {}) });
  }
  return {
    ...coverage,
    // A clock that was set back opens no gap later on.
    seenAt: at,
    gaps: gaps
      .map((gap) => (gap.filledAt === null && isFilled ? { ...gap, filledAt: at } : gap))
      .slice(-MAX_GAPS),
  };
}

/** All gaps, with the one that lasts. */
export function gapsNow(coverage: Coverage, now: number, maxMs: number): CoverageGap[] {
  const { seenAt, gaps } = coverage;
  return seenAt !== null && now - seenAt > maxMs
    ? [...gaps, { from: seenAt, to: null, filledAt: null }]
    : gaps;
}
