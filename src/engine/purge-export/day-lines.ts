import { setTimeout as wait } from 'node:timers/promises';
import {
  printExportEnd,
  printExportedEntry,
  printExportedFacts,
  printExportStart,
} from '../../css/import/index.ts';
import type { BreakEvent, StoredJournalEntry } from '../../model/break.ts';
import { breakPages } from '../../store/break-pages.ts';
import type { EntryKey, Store } from '../../store/store.ts';

export const DAY_MS = 86_400_000;
/** Entries or breaks that are read at a time, which takes a few ms. */
const PAGE = 100;
/** Pause after a page, as a multiple of the time that it took, so that callbacks and panels hardly notice. */
const PAUSE_FACTOR = 4;
/** Maximum pause, ms. */
const MAX_PAUSE_MS = 200;

/** What the lines of a day are read from. */
export interface DayLinesContext {
  store: Pick<Store, 'journal' | 'journalEntries' | 'cursor' | 'findBreaks'>;
  /** Version of Breakwatch, for the first line. */
  version: string;
  /** Stops between two pages. */
  signal: AbortSignal;
  /** Epoch ms UTC. */
  now: number;
}

/** How far the lines of a day have come. */
export interface DayCounts {
  entries: number;
  facts: number;
  /** The journal is written up to this seq. */
  seq: number;
}

/**
 * The lines of an export of one UTC day: the journal from where the day before ended to the first entry that arrived later,
 * entries of the day's breaks that come after it in the journal, and the facts of the day's breaks. So a file has all
 * reports of its breaks, together with the files before it.
 *
 * @param day - start of the day, epoch ms UTC
 * @param counts - `seq` says how far the journal was written before; counts what is written
 * @throws `STORE_FAILED`, the signal's reason
 */
export async function* dayLines(
  day: number,
  counts: DayCounts,
  { store, version, signal, now }: DayLinesContext,
): AsyncGenerator<string, void> {
  const range = { from: day, to: day + DAY_MS };
  const search = { range, filters: {}, limit: PAGE };
  const pause = pacer(signal);
  yield printExportStart(version, now);

  const end = await store.cursor();
  for (let isMore = true; isMore; ) {
    const page = await store.journal(counts.seq, PAGE);
    const later = page.findIndex(({ seq, receivedAt }) => seq > end || receivedAt >= range.to);
    const wanted = later < 0 ? page : page.slice(0, later);
    counts.seq = wanted.at(-1)?.seq ?? counts.seq;
    counts.entries += wanted.length;
    yield wanted.map(printExportedEntry).join('');
    isMore = wanted.length === PAGE;
    await pause();
  }
  // All entries come before all facts: facts are restored to breaks that have their reports.
  for await (const page of breakPages(store, search)) {
    const missing = (await entriesOf(page, store)).filter(({ seq }) => seq > counts.seq);
    counts.entries += missing.length;
    yield missing.map(printExportedEntry).join('');
    await pause();
  }
  for await (const page of breakPages(store, search)) {
    counts.facts += page.length;
    yield page.map(({ event }) => printExportedFacts(event)).join('');
    await pause();
  }
  const { entries, facts } = counts;
  yield printExportEnd({ entries, facts });
}

/** The entries that reported breaks, in the order of the journal. */
async function entriesOf(
  records: readonly { event: BreakEvent }[],
  store: Pick<Store, 'journalEntries'>,
): Promise<StoredJournalEntry[]> {
  const keys = new Map<string, EntryKey[]>();
  for (const { event } of records) {
    const known = keys.get(event.account) ?? [];
    known.push(...event.sources.map(({ source, key }) => ({ source, key })));
    keys.set(event.account, known);
  }
  const found: StoredJournalEntry[] = [];
  for (const [account, wanted] of keys) {
    found.push(...(await store.journalEntries(account, wanted)));
  }
  return found.sort((a, b) => a.seq - b.seq);
}

/** Returns a function that pauses in relation to the time since it was called last. */
function pacer(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    const pauseMs = Math.min(MAX_PAUSE_MS, PAUSE_FACTOR * (performance.now() - since));
    await wait(pauseMs, undefined, { signal, ref: false });
    since = performance.now();
  };
}
