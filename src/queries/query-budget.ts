import type { BreakwatchError } from '../model/errors.ts';
import type { Field, Frame } from '../model/frame.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** What one request may cost. */
export interface QueryLimits {
  /** Values in all frames of the answer. */
  cells: number;
  /** Size of the answer as JSON, before compression. */
  bytes: number;
  /** Time to read and compute, ms. */
  milliseconds: number;
}

/**
 * The limits of a request. A panel needs less than 100,000 cells; two million are a table of 80,000 breaks.
 */
export const QUERY_LIMITS: QueryLimits = {
  cells: 2_000_000,
  bytes: 64 * 1024 * 1024,
  milliseconds: 20_000,
};

/** Typical size of a number or a time in JSON, with its comma. */
const NUMBER_BYTES = 8;
/** Quotes and comma of a text in JSON. */
const TEXT_BYTES = 3;

/** What one request may still cost. All its queries share it. */
export class QueryBudget {
  readonly #limits: QueryLimits;
  #cells = 0;
  #bytes = 0;

  constructor(limits: QueryLimits = QUERY_LIMITS) {
    this.#limits = limits;
  }

  /** Cells that are left. */
  get cellsLeft(): number {
    return Math.max(0, this.#limits.cells - this.#cells);
  }

  /** Estimated size of the answer, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The error of a query that needs more than is left. */
  tooLarge(refId: string, problem: unknown): BreakwatchError {
    return maskedError('QUERY_TOO_LARGE', {
      problem: `in the query ${refId} ${problem}, and the limit of the request is ${this.#limits.cells} cells, two for each point`,
    });
  }

  /**
   * Counts the cells of frames that were built, and estimates their size as JSON.
   *
   * @throws `QUERY_TOO_LARGE`
   */
  spend(frames: readonly Frame[], refId: string): void {
    for (const { fields } of frames) {
      this.spendCells(fields, refId);
    }
  }

  /**
   * Counts cells that were added to the fields of a frame.
   *
   * @param from - index of the first new cell of each field
   * @throws `QUERY_TOO_LARGE`
   */
  spendCells(fields: readonly Field[], refId: string, from = 0): void {
    const { cells, bytes } = this.#limits;
    for (const { values } of fields) {
      this.#cells += values.length - from;
      for (let index = from; index < values.length; index++) {
        const value = values[index];
        this.#bytes += typeof value === 'string' ? value.length + TEXT_BYTES : NUMBER_BYTES;
      }
    }
    if (this.#cells > cells) {
      throw tooLarge(refId, this.#cells, cells, 'cells');
    }
    if (this.#bytes > bytes) {
      throw tooLarge(refId, this.#bytes, bytes, 'bytes');
    }
  }
}

function tooLarge(refId: string, found: number, limit: number, unit: string): BreakwatchError {
  return maskedError('QUERY_TOO_LARGE', {
    problem: `with the query ${refId} it has at least ${found} ${unit}, and the limit is ${limit}`,
  });
}
