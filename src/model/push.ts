import type { StreamKey } from './break-event.ts';

/**
 * One push that really started, whichever source told of it. Breaks recover at the start of the
 * stream's next push. Times are epoch ms UTC.
 */
export interface Push extends StreamKey {
  startedAt: number;
  /** Null while it is live as far as we know. */
  endedAt: number | null;
  /** CSS's id of the push; null when only the API told of it. */
  sequence: string | null;
  /** When its push URL runs out (txTime); null or absent when nobody told. */
  txTime?: number | null;
}
