import type { AlertInstance, AlertLabelSet } from './alert.ts';

/**
 * All that receivers know an alert by, the oldest first: those who were told before its severity rose
 * know it by its old labels until it is over.
 */
export function labelSetsOf({ labels, runbook, settled, raised }: AlertInstance): AlertLabelSet[] {
  const now: AlertLabelSet = { labels, runbook, ...(settled ? { settled } : {}) };
  return raised ? [raised.from, now] : [now];
}

/**
 * What one receiver that rings for every new label knows an alert by: what it takes of
 * {@link labelSetsOf}, and only the first of it where the rise must not ring twice.
 */
export function labelSetsFor(
  alert: AlertInstance,
  takes: (labels: AlertInstance['labels']) => boolean,
): AlertLabelSet[] {
  const labelSets = labelSetsOf(alert).filter(({ labels }) => takes(labels));
  return alert.raised?.silently ? labelSets.slice(0, 1) : labelSets;
}
