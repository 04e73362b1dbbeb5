import { documentOfIncident, IncidentBook } from '../../src/engine/incidents/incident-book.ts';
import { IncidentMemory } from '../../src/engine/incidents/incident-memory.ts';
import { INCIDENT_OPTIONS } from '../../src/incidents/options.ts';
import { NEARBY_FACTS } from '../../src/incidents/strip-record.ts';
import { STORED_RANGE, type StoredRange } from '../../src/queries/incidents/stored-range.ts';
import { openThreadStore } from '../../src/store/open-thread-store.ts';

/** Of the end of the history, ms: the range that is asked for, and what a query looks back at. */
const LENGTH_MS = 13 * 3_600_000;
const TURN_MS = 60_000;
const MAX_BREAKS = 100_000;

/**
 * Stores the incidents of the last hours of a history, as the incident thread does: it groups the breaks of each
 * minute after those before, with a driven clock.
 *
 * @param folder - a data folder that no server uses
 * @param to - end of the history, epoch ms UTC
 */
export async function storeIncidents(folder: string, to: number): Promise<void> {
  const store = openThreadStore({ kind: 'sqlite', folder });
  const book = new IncidentBook();
  const memory = new IncidentMemory({
    options: INCIDENT_OPTIONS,
    isName: (id) => book.isFounder(id),
    thresholdOf: () => null,
  });
  memory.knowPushesSince({ default: null });
  const since = to - LENGTH_MS;
  let slowest = 0;
  for (let at = since + TURN_MS; at <= to; at += TURN_MS) {
    const records = await store.findBreaks({
      range: { from: at - TURN_MS, to: at },
      filters: { outcome: ['broken', 'refused'] },
      briefFacts: NEARBY_FACTS,
      limit: MAX_BREAKS,
    });
    const begun = performance.now();
    memory.take(records, [], [], at);
    const { incidents } = memory.recluster(at);
    const { changed } = book.turn(incidents, at);
    memory.fold();
    slowest = Math.max(slowest, performance.now() - begun);
    await store.putDocuments(changed.map(documentOfIncident));
    if ((at - since) % 3_600_000 === 0) {
      const { records: held } = memory.size;
      process.stderr.write(
        `${(at - since) / 3_600_000} h: ${incidents.length} incidents, ${held} breaks held, slowest turn ${Math.round(slowest)} ms\n`,
      );
    }
  }
  await store.setState(STORED_RANGE, { since, groupedAt: to, gaps: [] } satisfies StoredRange);
  await store.close();
}
