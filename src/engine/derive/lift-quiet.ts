import type { BreakRecord, StreamKey } from '../../model/break.ts';
import type { ThreadStore } from '../../store/store.ts';
import { observationKey } from './matching/merge-observations.ts';

/** The end of a push that was collected although the journal had it already. Plain data, for the thread. */
export interface CollectedEnd extends StreamKey {
  /** Epoch ms UTC. */
  endedAt: number;
  /** `source key`, as {@link observationKey} writes it. */
  observation: string;
}

/** Two sources of one break differ by less than this, ms. */
const NEAR_MS = 5 * 60_000;

/**
 * Lets a break notify that was imported quietly and is now collected as well: somebody who imports recent events
 * must not silence the page that collection would send.
 *
 * @returns the breaks that changed, as stored
 * @throws `STORE_FAILED`
 */
export async function liftQuiet(
  ends: readonly CollectedEnd[],
  store: ThreadStore,
): Promise<BreakRecord[]> {
  const changed = new Map<string, BreakRecord>();
  for (const { endedAt, observation, ...key } of ends) {
    const range = { from: endedAt - NEAR_MS, to: endedAt + NEAR_MS };
    for (const stored of await store.breaksOfStream(key, range)) {
      const record = changed.get(stored.event.id) ?? stored;
      const { sources } = record.event;
      if (sources.some((source) => source.quiet && observationKey(source) === observation)) {
        const lifted = sources.map(({ quiet, ...source }) =>
          observationKey(source) === observation || !quiet ? source : { ...source, quiet },
        );
        changed.set(record.event.id, { ...record, event: { ...record.event, sources: lifted } });
      }
    }
  }
  const breaks = [...changed.values()];
  if (breaks.length > 0) {
    await store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
  }
  return breaks;
}
