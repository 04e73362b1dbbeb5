import type { FastifyInstance } from 'fastify';
import { LIST_LIMIT, ROUTES } from '../contract/routes.ts';
import type { StreamActions } from '../engine/stream-actions.ts';
import { parseTime } from '../queries/parse-time-range.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { addRoute } from './add-route.ts';
import { authorOf } from './author-of.ts';

/**
 * `POST /api/v1/actions`: without `confirm` a dry run, with the `confirm` of the dry run the action
 * itself.
 *
 * @param isGuarded - whether the server asks for a token; without one no action is allowed over HTTP
 */
export function addActionRoutes(
  app: FastifyInstance,
  actions: StreamActions | undefined,
  isGuarded: boolean,
): void {
  addRoute(app, ROUTES.act, async ({ query, body, request }) => {
    const { confirm, by, ...given } = body;
    if (!actions || !isGuarded) {
      throw maskedError('ACTIONS_OFF', {
        account: given.account.slice(0, 64),
        problem: isGuarded ? 'this server has no actions' : 'this server has no token',
      });
    }
    const order = actions.check({ ...given, resumeAt: parseTime(given.resumeAt, 'resumeAt') });
    if (!confirm) {
      return { dryRun: true as const, ...(await actions.dryRun(order)) };
    }
    const actor = { via: 'http', by: authorOf(by, request) } as const;
    return {
      dryRun: false as const,
      ...(await actions.carryOut(order, confirm, actor, query.lang ?? 'en')),
    };
  });

  addRoute(app, ROUTES.actions, async ({ query }) => ({
    actions: actions ? await actions.latest(query.limit ?? LIST_LIMIT.defaultValue) : [],
  }));
}
