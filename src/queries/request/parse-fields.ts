import Type, { type Static, type TSchema } from 'typebox';
import { readRequest } from '../../contract/read-request.ts';
import { limit, oneOf } from '../../contract/schema.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';

const MAX_QUOTED = 64;

/** A `BAD_QUERY` that names the field. */
export function badField(field: string, problem: string): BreakwatchError {
  return badQuery(`${field} ${problem}`);
}

function badQuery(problem: string): BreakwatchError {
  return maskedError('BAD_QUERY', { problem: `${problem}.`.replace(/([?!])\.$/, '$1') });
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
 * @throws `BAD_QUERY` naming the field
 */
export function parseFields<S extends TSchema>(
  schema: S,
  given: unknown,
  { path = '', whole = 'the body' }: { path?: string; whole?: string } = {},
): Static<S> {
  return readRequest(schema, given, { path, whole, quote, fail: badQuery });
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

/** An object of a caller whose fields are read by name. */
export type JsonObject = Record<string, unknown>;

/**
 * Demands a plain object.
 *
 * @throws `BAD_QUERY`
 */
export function parseObject(value: unknown, field: string): JsonObject {
  return parseFields(Type.Unsafe<JsonObject>({ type: 'object' }), value, { whole: field });
}

/**
 * Demands that an object has no fields but the known ones.
 *
 * @throws `BAD_QUERY` naming the field and the nearest known name
 */
export function refuseUnknown(object: JsonObject, known: readonly string[]): void {
  const properties = Object.fromEntries(known.map((name) => [name, {}]));
  parseFields(
    Type.Unsafe<JsonObject>({ type: 'object', properties, additionalProperties: false }),
    object,
  );
}

/**
 * Reads a whole number of at least 1; one above the maximum is reduced to it.
 *
 * @returns undefined when absent (undefined, null or an empty string)
 * @throws `BAD_QUERY`
 */
export function parseCount(value: unknown, field: string, maximum: number): number | undefined {
  return value === undefined || value === null || value === ''
    ? undefined
    : parseFields(limit(maximum, field), value, { path: field });
}
