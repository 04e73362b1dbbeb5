import type { ErrorCode } from '../../model/error-catalogue.ts';
import type { ErrorDetails } from '../../model/errors.ts';

/** What a worker is started with. */
export interface WorkerOrder {
  /** Who appends to the journal, writes all else, reads, or makes columns of what is stored. */
  role: 'journal' | 'writer' | 'reader' | 'columns';
  /** The data folder. */
  folder: string;
  synchronous: 'full' | 'normal';
}

/** One piece of work for a worker. */
export interface Call {
  id: number;
  operation: string;
  args: unknown[];
}

/** To a worker: work, or the end after the work sent before. */
export type ToWorker = { calls: Call[] } | { end: true };

/** An error as it crosses threads. */
export interface CarriedError {
  code: ErrorCode;
  details: ErrorDetails;
}

/** What became of one call. */
export type Answer = { id: number; value: unknown } | { id: number; error: CarriedError };

/** From a worker: it is ready or could not start, or answers. */
export type FromWorker = { ready: true } | { failed: CarriedError } | { answers: Answer[] };
