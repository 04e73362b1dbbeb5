import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.ts';
import type { AnswerError } from './query.ts';

/** Values for the placeholders of an error's message and remedy. They must not hold a secret. */
export type ErrorDetails = Record<string, string | number>;

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => String(details[name] ?? '?'));
}

/**
 * The one error class: a code of the catalogue with its message, remedy and HTTP status.
 *
 * It does not mask its details, because the model imports nothing. Make an error that quotes foreign
 * text with `maskedError` of `src/secrets/masked-error.ts`.
 */
export class BreakwatchError extends Error {
  override readonly name = 'BreakwatchError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly remedy: string;
  /** HTTP status for answers. */
  readonly status: number;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    const entry = ERROR_CATALOGUE[code];
    super(fill(entry.message, details), options);
    this.code = code;
    this.details = details;
    this.remedy = fill(entry.remedy, details);
    this.status = entry.status;
  }

  /** The error as answers carry it. */
  toAnswer(): AnswerError {
    return { code: this.code, message: this.message, remedy: this.remedy };
  }
}
