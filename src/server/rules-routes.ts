import type { FastifyInstance } from 'fastify';
import type { Engine, RulesApplied } from '../engine/engine.ts';
import { badField } from '../queries/request/parse-fields.ts';
import { parseTimeRange } from '../queries/request/parse-time-range.ts';
import { parseCursor, printCursor } from './breaks-cursor.ts';
import { parseSearch } from './parse-search.ts';

/** Breaks judged anew with one request; a fraction of a second's work. */
const PIECE = 1_000;

/** The answer to one piece of `POST /api/v1/rules/apply`. */
export interface RulesAppliedAnswer extends Omit<RulesApplied, 'next'> {
  /** To be sent with the next request; null when all is done. */
  next: string | null;
}

/**
 * `POST /api/v1/rules/apply?from=…&to=…[&next=…]`: judges stored breaks anew by the rules in force, a
 * piece with each request, so that whoever asks sees how far it is and stops it by asking no more.
 * `GET /api/v1/breaks/:id/diagnoses`: what was concluded about a break before.
 */
export function addRulesRoutes(app: FastifyInstance, engine: Engine): void {
  app.post('/api/v1/rules/apply', async (request): Promise<RulesAppliedAnswer> => {
    const search = parseSearch(request.query, ['from', 'to', 'next'], false);
    const [from, to] = [search.one('from'), search.one('to')];
    if (!from || !to) {
      // Rewriting history is never to be done by leaving a word out.
      throw badField(from ? 'to' : 'from', 'is missing');
    }
    const next = search.one('next');
    const applied = await engine.applyRules({
      range: parseTimeRange(from, to, Date.now()),
      limit: PIECE,
      ...(next ? { after: parseCursor(next) } : {}),
    });
    return { ...applied, next: applied.next && printCursor(applied.next) };
  });

  app.get<{ Params: { id: string } }>('/api/v1/breaks/:id/diagnoses', async (request) => {
    parseSearch(request.query, [], false);
    return { earlier: await engine.earlierVerdicts(request.params.id) };
  });
}
