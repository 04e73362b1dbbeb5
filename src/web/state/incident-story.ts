import type { Incident, ShownAlert } from '../../contract/incidents.ts';

/** Kinds of entries in the time line of an incident. */
export type StoryKind =
  | Incident['timeline'][number]['kind']
  | 'fired'
  | 'paged'
  | 'raised'
  | 'alertResolved'
  | 'taken'
  | 'takenOver'
  | 'released'
  | 'note'
  | 'fix';

/** One entry of the time line. */
export interface StoryEntry {
  /** Epoch ms UTC. */
  at: number;
  kind: StoryKind;
  /** Streams down after it; null when it changes none. */
  down: number | null;
  /** Who did it; null when nobody did. */
  by: string | null;
  text: string | null;
}

/**
 * Joins what happened to an incident, oldest first: turns of its streams, its alerts and notices, who took and
 * released it, and notes.
 *
 * @param alerts - alerts of this incident; alerts that were resolved more than a day ago are unknown
 */
export function storyOf(
  { timeline, notes, duty, acknowledged }: Incident,
  alerts: readonly ShownAlert[],
): StoryEntry[] {
  const entries: StoryEntry[] = timeline.map(({ at, kind, down }) => ({
    ...{ at, kind, down },
    ...{ by: null, text: null },
  }));
  const add = (at: number | null, kind: StoryKind, by: string | null, text: string | null) => {
    if (at !== null) {
      entries.push({ at, kind, down: null, by, text });
    }
  };
  for (const { firingSince, notified, raisedAt } of alerts) {
    add(firingSince, 'fired', null, null);
    add(notified.page, 'paged', null, null);
    add(raisedAt, 'raised', null, null);
    add(notified.resolve, 'alertResolved', null, null);
  }
  // An acknowledgement from before such changes were stored.
  const changes =
    duty.length > 0 || acknowledged === null ? duty : [{ ...acknowledged, kind: 'taken' as const }];
  let holder: string | null = null;
  for (const { at, by, kind, note } of changes) {
    add(at, kind === 'taken' && holder !== null ? 'takenOver' : kind, by, note);
    holder = kind === 'taken' ? by : null;
  }
  for (const { at, by, text, fixed } of notes) {
    add(at, fixed ? 'fix' : 'note', by, text);
  }
  // A page is sent at the moment at which its alert fires, and belongs after it.
  return entries
    .map((entry, place) => ({ entry, place }))
    .sort((a, b) => a.entry.at - b.entry.at || a.place - b.place)
    .map(({ entry }) => entry);
}
