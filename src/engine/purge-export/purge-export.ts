import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import { DAY_MS, type DayCounts, dayLines } from './day-lines.ts';
import { type ExportFile, writeExportFile } from './write-export-file.ts';

const STATE = 'purge-export';

/** How far the export is, as it is stored. */
interface ExportState {
  /** All breaks that ended before this are exported, epoch ms UTC. */
  exportedTo: number;
  /** The journal is exported up to this seq. */
  seq: number;
  /** The file that is being written: after a crash it is written again. */
  writing: string | null;
  /** The last file. */
  last: ({ file: string } & ExportFile) | null;
}

/** The options of {@link PurgeExport}. */
export interface PurgeExportOptions {
  store: Pick<
    Store,
    'journal' | 'journalEntries' | 'cursor' | 'findBreaks' | 'oldest' | 'getState' | 'setState'
  >;
  /** Where the files are written. It is made when it is missing. */
  folder: string;
  /** Version of Breakwatch, for the first line of each file. */
  version: string;
  /** Resolves when all that is in the journal now is derived. */
  untilDerived: () => Promise<void>;
  /** Called with a message for each file. */
  onMessage: (message: string) => void;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Writes what a purge is about to delete to files, one for each UTC day, in the form of `breakwatch export`. The store
 * remembers how far they go, so a restart goes on with the day at which it stopped, also on another server.
 */
export class PurgeExport {
  readonly #options: PurgeExportOptions;
  readonly #closed = new AbortController();

  constructor(options: PurgeExportOptions) {
    this.#options = options;
  }

  /**
   * Writes all days before a time that are not written yet. When it resolves, the disk has them.
   *
   * @param before - start of a UTC day, epoch ms
   * @returns the seq up to which journal entries may be deleted
   * @throws `EXPORT_FAILED`, `STORE_FAILED`; nothing may be deleted then
   */
  async exportBefore(before: number): Promise<number> {
    const { store, untilDerived } = this.#options;
    // Else a break could be derived after its day was written, and be deleted at once.
    await untilDerived();
    let state = await this.#read(before);
    for (let day = state.exportedTo; day < before; day += DAY_MS) {
      this.#closed.signal.throwIfAborted();
      state = await this.#exportDay(day, state);
    }
    await store.setState(STATE, state);
    return state.seq;
  }

  /** Stops an export in flight; its file is written again later. */
  close(): void {
    this.#closed.abort();
  }

  async #read(before: number): Promise<ExportState> {
    const { store } = this.#options;
    const stored = (await store.getState(STATE)) as ExportState | undefined;
    if (stored) {
      // Days that are kept again, because the retention was raised, may get breaks again.
      return { ...stored, exportedTo: Math.min(stored.exportedTo, before) };
    }
    const oldest = (await store.oldest()) ?? before;
    const lastDay = before - DAY_MS;
    const exportedTo = Math.min(Math.floor(oldest / DAY_MS) * DAY_MS, lastDay);
    return { exportedTo, seq: 0, writing: null, last: null };
  }

  async #exportDay(day: number, state: ExportState): Promise<ExportState> {
    const { store, folder, version, now, onMessage } = this.#options;
    const next: ExportState = { ...state, exportedTo: day + DAY_MS };
    if (await this.#isEmpty(day, state.seq)) {
      return next;
    }
    const file = this.#fileOf(day, state.writing);
    await store.setState(STATE, { ...state, writing: file });
    const counts: DayCounts = { entries: 0, facts: 0, seq: state.seq };
    const context = { store, version, signal: this.#closed.signal, now: now() };
    const written = await this.#inFolder(file, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return writeExportFile(join(folder, file), dayLines(day, counts, context));
    });
    const done = { ...next, seq: counts.seq, writing: null, last: { file, ...written } };
    await store.setState(STATE, done);
    onMessage(
      `export: wrote ${file}: ${counts.facts} breaks, ${counts.entries} journal entries, ${written.bytes} bytes`,
    );
    return done;
  }

  /** Whether a day has neither breaks nor journal entries that are not written yet. */
  async #isEmpty(day: number, seq: number): Promise<boolean> {
    const { store } = this.#options;
    const range = { from: day, to: day + DAY_MS };
    const [found] = await store.findBreaks({ range, filters: {}, limit: 1 });
    if (found) {
      return false;
    }
    const [entry] = await store.journal(seq, 1);
    return entry === undefined || entry.receivedAt >= range.to;
  }

  /** The name of a day's file. A file that an earlier purge wrote is not replaced, because its breaks are deleted. */
  #fileOf(day: number, writing: string | null): string {
    const name = `breakwatch-${new Date(day).toISOString().slice(0, 10)}`;
    for (let number = 1; ; number += 1) {
      // The underscore sorts after the dot, so names are in the order in which files were written.
      const file = `${name}${number === 1 ? '' : `_${number}`}.jsonl.gz`;
      if (file === writing || !existsSync(join(this.#options.folder, file))) {
        return file;
      }
    }
  }

  /** @throws `EXPORT_FAILED` for errors of the file system */
  async #inFolder<T>(file: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof BreakwatchError || this.#closed.signal.aborted) {
        throw thrown;
      }
      const { folder } = this.#options;
      const problem = (thrown as Error).message;
      throw maskedError('EXPORT_FAILED', { file, folder, problem }, { cause: thrown });
    }
  }
}
