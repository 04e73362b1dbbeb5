import type { AlertFace, AlertInstance } from './alert.ts';

/**
 * All that receivers know an alert by, the oldest first: those who were told before its severity rose
 * know it by its old labels until it is over.
 */
export function facesOf({ labels, runbook, settled, raised }: AlertInstance): AlertFace[] {
  const now: AlertFace = { labels, runbook, ...(settled ? { settled } : {}) };
  return raised ? [raised.from, now] : [now];
}

/**
 * What one receiver that rings for every new label knows an alert by: what it takes of
 * {@link facesOf}, and only the first of it where the rise must not ring twice.
 */
export function facesFor(
  alert: AlertInstance,
  takes: (labels: AlertInstance['labels']) => boolean,
): AlertFace[] {
  const faces = facesOf(alert).filter(({ labels }) => takes(labels));
  return alert.raised?.quietly ? faces.slice(0, 1) : faces;
}
