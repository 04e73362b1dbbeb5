import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { Workbench } from '../engine/workbench/open-workbench.ts';
import { addRoute } from './add-route.ts';
import { sendPieces } from './send-pieces.ts';

async function* onlyPiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Adds the routes that show the rules in force. */
export function addWorkbenchRoutes(app: FastifyInstance, workbench: Workbench): void {
  addRoute(app, ROUTES.rules, async ({ query: { lang = 'en' }, request, reply }) =>
    sendPieces(request, reply, onlyPiece(await workbench.list(lang))),
  );

  addRoute(app, ROUTES.coverage, async ({ request, reply }) =>
    sendPieces(request, reply, onlyPiece(await workbench.coverage())),
  );

  addRoute(app, ROUTES.rule, async ({ params: { id }, query: { lang = 'en' }, request, reply }) =>
    sendPieces(request, reply, onlyPiece(await workbench.show(id, lang))),
  );
}
