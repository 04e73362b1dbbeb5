import type { Static, TSchema } from 'typebox';
import { findProblem } from './find-problem.ts';

const MAX_QUOTED = 40;
const opened = new WeakMap<TSchema, TSchema>();

/**
 * Checks an answer in a client. It rejects a page of a proxy or an answer of an incompatible version. Unknown
 * fields are ignored, because a newer server may send them.
 *
 * @throws Error that names the field and the problem
 */
export function checkAnswer<S extends TSchema>(schema: S, body: unknown): Static<S> {
  const found = findProblem(open(schema), body, (text) => text.slice(0, MAX_QUOTED));
  if (found) {
    throw new Error(`${found.field || 'it'} ${found.problem}`);
  }
  return body as Static<S>;
}

/** The schema without `additionalProperties: false`. */
function open(schema: TSchema): TSchema {
  let copy = opened.get(schema);
  if (!copy) {
    copy = JSON.parse(JSON.stringify(schema), (key, value) =>
      key === 'additionalProperties' && value === false ? undefined : value,
    ) as TSchema;
    opened.set(schema, copy);
  }
  return copy;
}
