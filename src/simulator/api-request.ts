/** An error of the simulated API. It is returned with HTTP 200, in `Response.Error`. */
export class ApiError extends Error {
  /** Error code of the API, for example `AuthFailure.SignatureFailure`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
  }
}

/** Type of a request field. `time` is UTC, such as `2018-12-29T19:00:00Z`. */
type ParamKind = 'string' | 'integer' | 'time';

/** The fields of one action: type, and whether the field is required. */
export type ParamTable = Record<string, { kind: ParamKind; required?: boolean }>;

/** Reads the fields of a request by name. Times are ms since the epoch. */
export interface Params {
  string(name: string): string | undefined;
  integer(name: string, fallback: number, min: number, max: number): number;
  time(name: string): number | undefined;
}

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Checks the fields of a request against the table of its action.
 *
 * @param fromQuery true for GET requests, where numbers arrive as strings
 * @throws ApiError UnknownParameter, MissingParameter, InvalidParameter or InvalidParameterValue
 */
export function readParams(
  input: Record<string, unknown>,
  table: ParamTable,
  fromQuery: boolean,
): Params {
  const values = new Map<string, string | number>();
  for (const [name, value] of Object.entries(input)) {
    const field = table[name];
    if (!field) {
      throw new ApiError('UnknownParameter', `The parameter \`${name}\` is not recognized.`);
    }
    if (value === null || value === undefined) continue;
    if (field.kind === 'integer') {
      const number = fromQuery && typeof value === 'string' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isInteger(number)) {
        throw new ApiError(
          'InvalidParameter',
          `The value type of parameter \`${name}\` is not valid: an integer is expected.`,
        );
      }
      values.set(name, number);
    } else if (typeof value !== 'string') {
      throw new ApiError(
        'InvalidParameter',
        `The value type of parameter \`${name}\` is not valid: a string is expected.`,
      );
    } else if (field.kind === 'time') {
      const at = timePattern.test(value) ? Date.parse(value) : Number.NaN;
      if (Number.isNaN(at)) {
        throw new ApiError(
          'InvalidParameterValue',
          `The value of parameter \`${name}\` is not valid: UTC such as 2018-12-29T19:00:00Z is expected.`,
        );
      }
      values.set(name, at);
    } else if (value !== '') {
      values.set(name, value);
    }
  }
  for (const [name, field] of Object.entries(table)) {
    if (field.required && !values.has(name)) {
      throw new ApiError(
        'MissingParameter',
        `The request is missing a required parameter \`${name}\`.`,
      );
    }
  }
  return {
    string: (name) => values.get(name) as string | undefined,
    time: (name) => values.get(name) as number | undefined,
    integer: (name, fallback, min, max) => {
      const value = (values.get(name) as number | undefined) ?? fallback;
      if (value < min || value > max) {
        throw new ApiError(
          'InvalidParameterValue',
          `The value of parameter \`${name}\` must be from ${min} to ${max}.`,
        );
      }
      return value;
    },
  };
}

/** Formats a time (ms since the epoch) as the API does: UTC, whole seconds. */
export function apiTime(at: number): string {
  return `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
