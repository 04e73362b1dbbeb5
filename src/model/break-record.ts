import type { BreakEvent } from './break-event.ts';
import type { Verdict } from './diagnosis.ts';

/** What a store keeps for one break: the merged event and what was concluded about it. */
export interface BreakRecord {
  event: BreakEvent;
  verdict: Verdict;
}
