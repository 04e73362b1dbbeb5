import type { AlertFace, AlertInstance } from './alert.ts';

/**
 * All that receivers know an alert by, the oldest first: those who were told before its severity rose
 * know it by its old labels until it is over.
 */
export function facesOf({ labels, runbook, settled, raised }: AlertInstance): AlertFace[] {
  const now: AlertFace = { labels, runbook, ...(settled ? { settled } : {}) };
  return raised ? [raised.from, now] : [now];
}
