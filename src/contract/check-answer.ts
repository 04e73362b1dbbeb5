import type { Static, TSchema } from 'typebox';
import { findProblem } from './find-problem.ts';

const MAX_QUOTED = 40;
const openSchemas = new WeakMap<TSchema, TSchema>();

/**
 * Checks an answer in a client. It rejects a page of a proxy or an answer of an incompatible version. Unknown
 * fields are ignored, because a newer server may send them.
 *
 * @throws Error that names the field and the problem
 */
export function checkAnswer<S extends TSchema>(schema: S, body: unknown): Static<S> {
  const found = findProblem(openSchema(schema), body, (text) => text.slice(0, MAX_QUOTED));
  if (found) {
    throw new Error(`${found.field || 'it'} ${found.problem}`);
  }
  return body as Static<S>;
}

/** The schema without `additionalProperties: false`. */
function openSchema(schema: TSchema): TSchema {
  let copy = openSchemas.get(schema);
  if (!copy) {
    copy = JSON.parse(JSON.stringify(schema), (key, value) =>
      key === 'additionalProperties' && value === false ? undefined : value,
    ) as TSchema;
    openSchemas.set(schema, copy);
  }
  return copy;
}
