import { maskSecrets } from '../secrets/mask-secrets.ts';
import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.ts';
import type { AnswerError } from './query.ts';

/** Values for the placeholders of an error's message; secrets in them are masked. */
export type ErrorDetails = Record<string, string | number>;

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => String(details[name] ?? '?'));
}

/** The one error class: a code of the catalogue with its message, remedy and HTTP status. */
export class BreakwatchError extends Error {
  override readonly name = 'BreakwatchError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly remedy: string;
  /** HTTP status for answers. */
  readonly status: number;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    const entry = ERROR_CATALOGUE[code];
    // An error may name what somebody sent: a path, an account, the words of an API.
    const masked = maskSecrets(details);
    super(fill(entry.message, masked), options);
    this.code = code;
    this.details = masked;
    this.remedy = fill(entry.remedy, masked);
    this.status = entry.status;
  }

  /** The error as answers carry it. */
  toAnswer(): AnswerError {
    return { code: this.code, message: this.message, remedy: this.remedy };
  }
}

/** Wraps anything thrown, so that callers always have a code and a remedy to show. */
export function asBreakwatchError(thrown: unknown): BreakwatchError {
  if (thrown instanceof BreakwatchError) {
    return thrown;
  }
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return new BreakwatchError('INTERNAL', { problem }, { cause: thrown });
}
