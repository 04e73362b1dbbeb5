import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { ROUTES, Route } from '../contract/routes.ts';
import { parseFields } from '../queries/parse-request.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { readSearch } from './read-search.ts';

type AnyRoute = (typeof ROUTES)[keyof typeof ROUTES];
type TypeOf<S> = S extends TSchema ? Static<S> : undefined;

/** A request that was checked against its route's schemas. */
export interface CheckedRequest<R extends AnyRoute> {
  params: TypeOf<R['params']>;
  query: TypeOf<R['query']>;
  body: TypeOf<R['body']>;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** What a handler gives: the answer of the contract, or the reply when the answer is not JSON. */
type Answer<R extends AnyRoute> = R['answer'] extends TSchema
  ? Static<R['answer']> | FastifyReply
  : unknown;

/**
 * Adds one route of the contract. Parameters and body are checked before the handler is called, and the
 * compiler checks what the handler answers.
 */
export function addRoute<R extends AnyRoute>(
  app: FastifyInstance,
  route: R,
  handle: (request: CheckedRequest<R>) => Answer<R> | Promise<Answer<R>>,
): void {
  const { method, params, query, body, bodyError }: Route = route;
  app.route({
    method,
    url: route.path,
    handler: async (request, reply) => {
      const checked = {
        params: parseFields(params, request.params, { whole: 'the address' }),
        query: readSearch(query, request.query),
        body: body
          ? parseFields(body, parseJsonBody(request.body), { code: bodyError })
          : undefined,
        request,
        reply,
      };
      return handle(checked as CheckedRequest<R>);
    },
  });
}
