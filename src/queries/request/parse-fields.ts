import type { Static, TSchema } from 'typebox';
import { readRequest } from '../../contract/read-request.ts';
import { oneOf } from '../../contract/schema.ts';
import { ERROR_CATALOGUE, type ErrorCode } from '../../model/error-catalogue.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';

const MAX_QUOTED = 64;

/** A `BAD_QUERY` that names the field. */
export function badField(field: string, problem: string): BreakwatchError {
  return badRequest('BAD_QUERY', `${field} ${problem}`);
}

/** An error about a request; `problem` has no full stop at its end. */
export function badRequest(code: ErrorCode, problem: string): BreakwatchError {
  // A message of the catalogue that ends in a full stop takes a problem without one.
  const isInside = ERROR_CATALOGUE[code].message.endsWith('.');
  const inside = problem.replace(/; (did you mean .*\?)$/, ' ($1)');
  return maskedError(code, {
    problem: isInside ? inside : problem.endsWith('?') ? problem : `${problem}.`,
  });
}

/**
 * Shortens a value for a message. It is masked before it is cut, because half a secret would not be
 * recognized as one.
 */
export function quote(text: string): string {
  return maskSecrets(text).slice(0, MAX_QUOTED);
}

/**
 * Reads fields of a request by a schema of the contract.
 *
 * @param path - put before field names in messages, e.g. `queries[0]`
 * @param whole - names the value as a whole
 * @param code - of the error, `BAD_QUERY` when absent
 * @throws an error with that code, naming the field
 */
export function parseFields<S extends TSchema>(
  schema: S,
  given: unknown,
  {
    path = '',
    whole = 'the body',
    code = 'BAD_QUERY',
  }: { path?: string; whole?: string; code?: ErrorCode } = {},
): Static<S> {
  const fail = (problem: string) => badRequest(code, problem);
  return readRequest(schema, given, { path, whole, quote, fail });
}

/**
 * Reads one value of a closed list.
 *
 * @returns undefined when absent (undefined, null or an empty string)
 * @throws `BAD_QUERY` naming the field and the nearest value
 */
export function parseChoice<const T extends readonly string[]>(
  value: unknown,
  field: string,
  list: T,
): T[number] | undefined {
  return value === undefined || value === null || value === ''
    ? undefined
    : (parseFields(oneOf(list), value, { path: field }) as T[number]);
}
