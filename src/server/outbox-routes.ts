import type { FastifyInstance } from 'fastify';
import { LIST_LIMIT, ROUTES } from '../contract/routes.ts';
import { BreakwatchError } from '../model/errors.ts';
import type { AlertOutbox } from '../model/notice.ts';
import { addRoute } from './add-route.ts';

/** Adds the routes for notices that have not been sent, and for trying the channels. */
export function addOutboxRoutes(app: FastifyInstance, outbox: AlertOutbox | undefined): void {
  addRoute(app, ROUTES.outbox, async ({ query }) => ({
    channels: outbox?.status() ?? [],
    warnings: outbox?.warnings() ?? [],
    notices: outbox ? await outbox.list(query.limit ?? LIST_LIMIT.defaultValue) : [],
  }));

  addRoute(app, ROUTES.resendNotice, async ({ body: { id, channel } }) => ({
    channels: await existing(outbox).resend(id, channel),
  }));
  addRoute(app, ROUTES.dropNotice, async ({ body: { id, channel } }) => ({
    channels: await existing(outbox).drop(id, channel),
  }));
  addRoute(app, ROUTES.testChannels, async ({ body }) => ({
    tests: await existing(outbox).test(body.channel),
  }));
}

/** @throws `NO_CHANNELS` */
function existing(outbox: AlertOutbox | undefined): AlertOutbox {
  if (!outbox) {
    throw new BreakwatchError('NO_CHANNELS');
  }
  return outbox;
}
