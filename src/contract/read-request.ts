import type { Static, TSchema } from 'typebox';
import { isObject } from '../model/is-object.ts';
import { findProblem, kindOf, type Quote } from './find-problem.ts';

/** How to read a request. */
export interface ReadOptions {
  /** Prefix of field names in messages, e.g. `queries[0]`; empty when absent. */
  path?: string;
  /** Names the whole value in messages, e.g. `the body`. */
  whole?: string;
  quote: Quote;
  /** Creates the error. `problem` has no full stop, e.g. `limit must be …`. */
  fail: (problem: string) => Error;
}

/**
 * Reads and checks a request. Dashboards send variables as strings, so it accepts digits for a whole number,
 * one value for a list, and null or an empty string for an absent field. A number above its limit is reduced
 * to the limit. Repeated values of a list are removed.
 *
 * @returns a copy that matches the schema
 * @throws the error that `fail` creates for the first problem
 */
export function readRequest<S extends TSchema>(
  schema: S,
  given: unknown,
  { path = '', whole = 'the request', quote, fail }: ReadOptions,
): Static<S> {
  if (hasType(schema, 'object') && !isObject(given)) {
    throw fail(`${path || whole} must be an object, not ${kindOf(given)}`);
  }
  const value = normalize(schema, given);
  const found = findProblem(schema, value, quote);
  if (found) {
    const joint = path === '' || path.endsWith(' ') || found.field === '' ? '' : '.';
    const field = `${path}${joint}${found.field}` || whole;
    throw fail(`${field} ${found.problem}`);
  }
  return value as Static<S>;
}

function normalize(schema: TSchema, given: unknown): unknown {
  if (hasType(schema, 'object') && isObject(given)) {
    const { properties = {}, required = [] } = schema as {
      properties?: Record<string, TSchema>;
      required?: string[];
    };
    const fields = Object.entries(given).flatMap(([name, value]) => {
      const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (field && !required.includes(name) && isAbsent(value)) {
        return [];
      }
      return value === undefined ? [] : [[name, field ? normalize(field, value) : value]];
    });
    return Object.fromEntries(fields);
  }
  if (hasType(schema, 'array') && isList(schema, given)) {
    const { items, maxItems = Number.POSITIVE_INFINITY } = schema as unknown as {
      items: TSchema;
      maxItems?: number;
    };
    const list = (Array.isArray(given) ? given : [given]).filter((value) => !isAbsent(value));
    const values = list.map((value) => normalize(items, value));
    // A list that is too long is not changed, so that its message is right.
    return values.length > maxItems ? values : [...new Set(values)];
  }
  if (hasType(schema, 'integer')) {
    const { maximum, 'x-reduce': reduces } = schema as { maximum?: number; 'x-reduce'?: boolean };
    const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
    return reduces && Number.isInteger(number) && maximum !== undefined
      ? Math.min(number as number, maximum)
      : number;
  }
  return given;
}

/** A list, or one value where a list of strings is expected. */
function isList(schema: TSchema, given: unknown): boolean {
  return (
    Array.isArray(given) ||
    (given !== null && hasType((schema as unknown as { items: TSchema }).items, 'string'))
  );
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function hasType(schema: TSchema, type: string): boolean {
  return (schema as { type?: string }).type === type;
}
