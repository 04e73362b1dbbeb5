import type { Static, TObject } from 'typebox';
import { badField, parseFields, selectsAll } from '../queries/parse-request.ts';

/**
 * Reads the query string of a request. A filter may be repeated, or hold several values with commas;
 * every other parameter is given once.
 *
 * @param schema - of the route's query string
 * @param given - as the HTTP server parsed it
 * @throws `BAD_QUERY` naming the parameter
 */
export function readSearch<S extends TObject>(schema: S, given: unknown): Static<S> {
  const properties = schema.properties as Record<string, { type?: string }>;
  const isFilter = (name: string) =>
    Object.hasOwn(properties, name) && properties[name]?.type === 'array';
  const parameters: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given as Record<string, string | string[]>)) {
    if (isFilter(name)) {
      const values = [value].flat().flatMap((text) => text.split(','));
      if (!selectsAll(values)) {
        parameters[name] = values;
      }
    } else if (Array.isArray(value)) {
      throw badField(name, 'is given more than once');
    } else {
      parameters[name] = value;
    }
  }
  const read = parseFields(schema, parameters, { whole: 'the query string' });
  const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
  return Object.fromEntries(
    Object.entries(read as object).filter(([, value]) => !isEmpty(value)),
  ) as Static<S>;
}
