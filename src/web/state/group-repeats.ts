import type { ShownBreak } from './api.ts';

/** A break with the same break's repetitions before it: one encoder that keeps trying, say. */
export interface BreakGroup {
  /** The newest one. */
  latest: ShownBreak;
  /** How many there are, the newest included. */
  count: number;
  /** When the first of them happened, epoch ms UTC. */
  since: number;
  /** Id of the first of them: it stays while more come. */
  firstId: string;
}

/** Repetitions further apart than this, in ms, are shown apart. */
const MAX_GAP_MS = 10 * 60_000;

/**
 * Puts repeated breaks of one stream with one cause together, so that a retry loop does not push
 * every other break off the page. Order is that of each group's newest break.
 *
 * @param breaks - newest first
 */
export function groupRepeats(breaks: readonly ShownBreak[]): BreakGroup[] {
  const groups: BreakGroup[] = [];
  const open = new Map<string, BreakGroup>();
  for (const shown of breaks) {
    const stream = JSON.stringify([shown.account, shown.domain, shown.app, shown.stream]);
    const group = open.get(stream);
    if (
      group &&
      group.latest.diagnosis.category === shown.diagnosis.category &&
      group.latest.outcome === shown.outcome &&
      // One outage ends with one recovery; a flapping stream's breaks each have their own.
      group.latest.recoveredAt === shown.recoveredAt &&
      group.since - shown.endedAt <= MAX_GAP_MS
    ) {
      group.count += 1;
      group.since = shown.endedAt;
      group.firstId = shown.id;
    } else {
      const begun = { latest: shown, count: 1, since: shown.endedAt, firstId: shown.id };
      open.set(stream, begun);
      groups.push(begun);
    }
  }
  return groups;
}
