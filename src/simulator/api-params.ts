import { ApiError } from './api-error.ts';

/** Kinds a request field can have; `time` is UTC, `2018-12-29T19:00:00Z`. */
export type ParamKind = 'string' | 'integer' | 'time';

/** The fields of one action: kind and whether it must be there. */
export type ParamTable = Record<string, { kind: ParamKind; required?: boolean }>;

/** A request's fields by name: strings and whole numbers; times as ms since the epoch. */
export interface Params {
  text(name: string): string | undefined;
  whole(name: string, fallback: number, min: number, max: number): number;
  time(name: string): number | undefined;
}

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * Checks a request's fields against an action's table.
 *
 * @param loose true for GET requests, where a number arrives as text
 * @throws ApiError UnknownParameter, MissingParameter, InvalidParameter or InvalidParameterValue
 */
export function readParams(
  input: Record<string, unknown>,
  table: ParamTable,
  loose: boolean,
): Params {
  const values = new Map<string, string | number>();
  for (const [name, value] of Object.entries(input)) {
    const field = table[name];
    if (!field) {
      throw new ApiError('UnknownParameter', `The parameter \`${name}\` is not recognized.`);
    }
    if (value === null || value === undefined) continue;
    if (field.kind === 'integer') {
      const number = loose && typeof value === 'string' ? Number(value) : value;
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
      const at = timeForm.test(value) ? Date.parse(value) : Number.NaN;
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
    text: (name) => values.get(name) as string | undefined,
    time: (name) => values.get(name) as number | undefined,
    whole: (name, fallback, min, max) => {
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

/** A time as the API prints it: UTC, whole seconds. */
export function apiTime(at: number): string {
  return `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
