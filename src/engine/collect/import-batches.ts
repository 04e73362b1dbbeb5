import type { AnswerError } from '../../model/errors.ts';
import { BoundedQueue } from '../bounded-queue.ts';
import type { ImportedBatch } from '../engine.ts';

/** Options of {@link ImportBatches}. */
export interface ImportBatchesOptions {
  importRecords: (records: readonly unknown[]) => Promise<ImportedBatch>;
  /** Called for each rejected line. Lines of batches in progress may come in another order. */
  onRejected: (line: number, error: AnswerError) => void;
  /** Called after each batch. */
  onImported?: () => void;
}

/** Records per transaction: enough to be fast, few enough not to delay live events. */
const BATCH = 500;
/** Batches in progress: while one is derived, the next is read, checked, masked and written. */
const AT_ONCE = 2;

/** Imports the records of a file in batches while they are read, and counts what became of them. */
export class ImportBatches {
  readonly counts = { accepted: 0, duplicates: 0, rejected: 0 };
  readonly #options: ImportBatchesOptions;
  readonly #queue = new BoundedQueue(AT_ONCE);
  #batch: { line: number; record: unknown }[] = [];

  constructor(options: ImportBatchesOptions) {
    this.#options = options;
  }

  /** Adds a record. Waits while too many batches are in progress. @throws the error of a batch */
  async add(line: number, record: unknown): Promise<void> {
    this.#batch.push({ line, record });
    if (this.#batch.length >= BATCH) {
      await this.#flush();
    }
  }

  /** Counts a line that has no record. */
  reject(line: number, error: AnswerError): void {
    this.counts.rejected += 1;
    this.#options.onRejected(line, error);
  }

  /**
   * Imports the rest. Imports an empty batch when there is none, so that an unknown account is reported.
   *
   * @throws the error of a batch; earlier batches stay imported
   */
  async end(): Promise<void> {
    await this.#flush();
    await this.#queue.end();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    await this.#queue.add(() => this.#import(batch));
  }

  async #import(batch: readonly { line: number; record: unknown }[]): Promise<void> {
    const { accepted, duplicates, rejected } = await this.#options.importRecords(
      batch.map(({ record }) => record),
    );
    this.counts.accepted += accepted;
    this.counts.duplicates += duplicates;
    for (const { index, error } of rejected) {
      this.reject((batch[index] as { line: number }).line, error);
    }
    this.#options.onImported?.();
  }
}
