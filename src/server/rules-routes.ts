import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import { parseTimeRange } from '../queries/parse-time-range.ts';
import { addRoute } from './add-route.ts';
import { authorOf } from './author-of.ts';
import { parseCursor, printCursor } from './breaks-cursor.ts';

/** Breaks diagnosed again with one request; a fraction of a second's work. */
const BREAKS_PER_REQUEST = 1_000;

/**
 * Adds `POST /api/v1/rules/apply`, which diagnoses stored breaks again a piece at a time, so that the
 * caller sees the progress and can stop, `POST /api/v1/rules/publish`, and `GET /api/v1/breaks/:id/diagnoses`.
 */
export function addRulesRoutes(app: FastifyInstance, engine: Engine): void {
  addRoute(app, ROUTES.applyRules, async ({ query: { from, to, next } }) => {
    const applied = await engine.applyRules({
      range: parseTimeRange(from, to, Date.now()),
      limit: BREAKS_PER_REQUEST,
      ...(next ? { after: parseCursor(next) } : {}),
    });
    return { ...applied, next: applied.next && printCursor(applied.next) };
  });

  addRoute(app, ROUTES.publishRules, ({ body: { hash, by }, request }) =>
    engine.publishRules({ hash, by: authorOf(by, request) }),
  );

  addRoute(app, ROUTES.earlierVerdicts, async ({ params }) => ({
    earlier: await engine.earlierVerdicts(params.id),
  }));
}
