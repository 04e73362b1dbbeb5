import type { BreakRecord } from '../model/break.ts';
import type { IncidentOptions } from './options.ts';

/** When an alert counts breaks together: their group, and the number of them within a time. */
export interface AlertThreshold {
  group: string;
  threshold: number;
  windowMs: number;
}

/** What is folded beside the outages themselves. */
export interface FoldContext {
  /** The threshold of the alert of a break's rule; null when the rule has no alert. */
  thresholdOf(record: BreakRecord): AlertThreshold | null;
  /** Tells whether an incident or an alert is named after this break. */
  isName(id: string): boolean;
  options: IncidentOptions;
}
