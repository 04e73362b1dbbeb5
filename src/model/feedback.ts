import type { StoredCause } from './stored-incident.ts';

/** What somebody says of a cause that was named. */
export const FEEDBACK_VERDICTS = ['right', 'wrong'] as const;
export type FeedbackVerdict = (typeof FEEDBACK_VERDICTS)[number];

/** What feedback may be about. */
export const FEEDBACK_SUBJECTS = ['break', 'incident'] as const;
export type FeedbackSubject = (typeof FEEDBACK_SUBJECTS)[number];

/**
 * Whether a cause was right, kept with the diagnosis as it was then: rules change, and a later
 * diagnosis is another one. The latest word on a subject counts.
 */
export interface Feedback {
  subject: FeedbackSubject;
  /** Id of the break or incident. */
  id: string;
  account: string;
  verdict: FeedbackVerdict;
  note: string | null;
  by: string;
  /** Epoch ms UTC. */
  at: number;
  diagnosis: StoredCause;
}
