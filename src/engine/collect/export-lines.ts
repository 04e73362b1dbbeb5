import {
  printExportEnd,
  printExportedEntry,
  printExportedFacts,
  printExportStart,
} from '../../css/import/index.ts';
import { readArrival } from '../../css/read-arrival.ts';
import type { JournalEntry, StreamKey } from '../../model/break.ts';
import { matchesPattern } from '../../model/query.ts';
import { breakPages } from '../../store/break-pages.ts';
import type { Store } from '../../store/store.ts';
import type { ExportRequest } from '../engine.ts';

/** Entries or breaks that are read at a time. */
const PAGE = 500;

/** What an export needs. */
export interface ExportContext {
  store: Pick<Store, 'journal' | 'cursor' | 'findBreaks'>;
  /** Version of Breakwatch, for the first line. */
  version: string;
  /** Epoch ms UTC. */
  now: number;
}

/**
 * Writes an export: the journal in its order, because the first report of a break gives it its id, then the facts
 * of the breaks. Entries that arrive meanwhile are left out. A page of lines is written at a time.
 *
 * @throws `STORE_FAILED`
 */
export async function* exportLines(
  { range, filters }: ExportRequest,
  { store, version, now }: ExportContext,
): AsyncGenerator<string, void> {
  const counts = { entries: 0, facts: 0 };
  yield printExportStart(version, now);
  const isWanted = entryFilter({ filters, ...(range && { range }) });
  const end = await store.cursor();
  for (let seq = 0; seq < end; ) {
    const page = await store.journal(seq, PAGE);
    if (page.length === 0) {
      break;
    }
    seq = (page.at(-1) as { seq: number }).seq;
    const lines = page
      .filter((entry) => entry.seq <= end && isWanted(entry))
      .map(printExportedEntry);
    counts.entries += lines.length;
    yield lines.join('');
  }
  const all = range ?? { from: 0, to: Number.MAX_SAFE_INTEGER };
  for await (const page of breakPages(store, { range: all, filters, limit: PAGE })) {
    counts.facts += page.length;
    yield page.map(({ event }) => printExportedFacts(event)).join('');
  }
  yield printExportEnd(counts);
}

/** A test of the journal entries that belong to a request. Most exports want all, which costs nothing. */
function entryFilter({ range, filters }: ExportRequest): (entry: JournalEntry) => boolean {
  const wanted = Object.entries(filters).filter(([, values]) => values.length > 0) as [
    keyof StreamKey,
    string[],
  ][];
  if (!range && wanted.length === 0) {
    return () => true;
  }
  const matches = (values: Partial<StreamKey>) =>
    wanted.every(([name, patterns]) =>
      patterns.some((pattern) => matchesPattern(pattern, values[name] ?? '')),
    );
  const isInRange = (at: number) => !range || (at >= range.from && at < range.to);
  return (entry) => {
    const arrival = readArrival(entry);
    switch (arrival.kind) {
      case 'end':
        return isInRange(arrival.event.endedAt) && matches(arrival.event);
      case 'start':
        return isInRange(arrival.push.startedAt) && matches(arrival.push);
      default:
        // Other messages belong to no stream.
        return isInRange(entry.receivedAt) && matches({ account: entry.account });
    }
  };
}
