/** A stretch of time in which breaks could not be seen as they happened. Times are epoch ms UTC. */
export interface CoverageGap {
  from: number;
  /** Null while it lasts. */
  to: number | null;
  /** When all of it had been read from the API afterwards; null while it has not, or can not be. */
  filledAt: number | null;
  /** Code of the error that polls ended with meanwhile; absent when Breakwatch was not running. */
  why?: string;
}
