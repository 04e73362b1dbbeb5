import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.ts';

/** Values for the placeholders of an error's message and remedy. They must not contain a secret. */
export type ErrorDetails = Record<string, string | number>;

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => String(details[name] ?? '?'));
}

/**
 * The error class of Breakwatch: a code of the catalogue with its message, remedy and HTTP status.
 *
 * It does not mask its details, because the model imports nothing. For an error that quotes text from
 * outside, use `maskedError` of `src/secrets/masked-error.ts`.
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

/** An error as answers carry it. */
export interface AnswerError {
  code: string;
  message: string;
  remedy: string;
}

/**
 * Finds the known name that is closest to a mistyped one. A third of its letters, and at least one, may
 * differ; letter case is ignored.
 *
 * @returns undefined when no name is close enough
 */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > 64) {
    return undefined;
  }
  const wanted = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Puts what was probably meant before a message about an unknown name.
 *
 * @param known - names; the message stays as it is when none is close enough
 */
export function withMeant(message: string, typed: string, known: Iterable<string>): string {
  const meant = nearestName(typed, [...known]);
  return meant ? `did you mean "${meant}"? ${message}` : message;
}

/** Number of letters to insert, delete, replace or swap with a neighbour to turn one text into the other. */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_unused, index) => index)];
  const at = (row: number, column: number) => rows[row]?.[column] as number;
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= right.length; column++) {
      const replaced = left[row - 1] === right[column - 1] ? 0 : 1;
      const swapped =
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + replaced,
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(left.length, right.length);
}

/** Levels of the log, most severe first. */
type LogLevel = 'error' | 'warn' | 'info';

/** Writes one line to the log. A message must not contain a secret, a request body or a query string. */
export type Log = (level: LogLevel, message: string) => void;
