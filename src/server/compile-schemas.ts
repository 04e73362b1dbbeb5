import { setTimeout as sleep } from 'node:timers/promises';
import { compileSchema } from '../contract/find-problem.ts';
import {
  FiltersSchema,
  QUERY_SCHEMAS,
  QueryRequestEnvelope,
  QueryTypeSchema,
} from '../contract/query.ts';
import { ROUTES, type Route } from '../contract/routes.ts';

/** The start of a server has enough to do. */
const FIRST_AFTER_MS = 1_000;
/** Pause before each schema, ms, so that callbacks get their turn. */
const PAUSE_MS = 20;

/**
 * Compiles the schemas of all requests, one after the other. Otherwise the first requests would do so, and a
 * dashboard's first ones delayed all callbacks for half a second.
 *
 * @param signal - stops it when it aborts
 */
export async function compileSchemas(signal: AbortSignal): Promise<void> {
  const shared = [QueryRequestEnvelope, QueryTypeSchema, FiltersSchema];
  const routes = Object.values<Route>(ROUTES).flatMap(({ params, query, body }) => [
    params,
    query,
    body,
  ]);
  await sleep(FIRST_AFTER_MS, undefined, { ref: false });
  for (const schema of [...shared, ...Object.values(QUERY_SCHEMAS), ...routes]) {
    await sleep(PAUSE_MS, undefined, { ref: false });
    if (signal.aborted) {
      return;
    }
    if (schema) {
      compileSchema(schema);
    }
  }
}
