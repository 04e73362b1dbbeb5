import { isFactsLine, type JsonRecord } from '../../css/import/index.ts';
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
  /** Batches in progress; 1 where the next one could overtake. While one is derived, the next is read. */
  atOnce?: 1 | 2;
}

/** Records per transaction: enough to be fast, few enough not to delay live events. */
const BATCH = 500;

/** Imports the records of a file in batches while they are read, and counts what became of them. */
export class ImportBatches {
  /** `lines` counts lines with an event or an error: not those that only have the facts of a break. */
  readonly counts = { lines: 0, accepted: 0, duplicates: 0, rejected: 0, restored: 0 };
  readonly #options: ImportBatchesOptions;
  readonly #queue: BoundedQueue;
  #batch: { line: number; record: unknown }[] = [];

  constructor(options: ImportBatchesOptions) {
    this.#options = options;
    this.#queue = new BoundedQueue(options.atOnce ?? 2);
  }

  /**
   * Adds what was read of one line. Waits while too many batches are in progress.
   *
   * @throws the error of a batch
   */
  async add(one: JsonRecord): Promise<void> {
    if ('error' in one) {
      this.counts.lines += 1;
      this.#reject(one.line, one.error);
      return;
    }
    this.counts.lines += isFactsLine(one.record) ? 0 : 1;
    this.#batch.push(one);
    if (this.#batch.length >= BATCH) {
      await this.#flush();
    }
  }

  #reject(line: number, error: AnswerError): void {
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
    const { accepted, duplicates, rejected, restored } = await this.#options.importRecords(
      batch.map(({ record }) => record),
    );
    this.counts.accepted += accepted;
    this.counts.duplicates += duplicates;
    this.counts.restored += restored;
    for (const { index, error } of rejected) {
      this.#reject((batch[index] as { line: number }).line, error);
    }
    this.#options.onImported?.();
  }
}
