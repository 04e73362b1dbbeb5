import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { Workbench } from '../engine/workbench/open-workbench.ts';
import { parseTimeRange } from '../queries/parse-time-range.ts';
import { abortOnClose } from './abort-on-close.ts';
import { addRoute } from './add-route.ts';
import { sendBytes } from './send-bytes.ts';

/** Adds the routes that show the rules in force, try edits of them and explain what people paste. */
export function addWorkbenchRoutes(app: FastifyInstance, workbench: Workbench): void {
  addRoute(app, ROUTES.rules, async ({ query: { lang = 'en' }, request, reply }) =>
    sendBytes(request, reply, await workbench.list(lang)),
  );

  addRoute(app, ROUTES.coverage, async ({ request, reply }) =>
    sendBytes(request, reply, await workbench.coverage()),
  );

  addRoute(app, ROUTES.rule, async ({ params: { id }, query: { lang = 'en' }, request, reply }) =>
    sendBytes(request, reply, await workbench.show(id, lang)),
  );

  addRoute(app, ROUTES.explain, async ({ body: { text, lang = 'en' }, request, reply }) =>
    sendBytes(request, reply, await workbench.explain(text, lang, abortOnClose(reply))),
  );

  addRoute(app, ROUTES.tryRule, async ({ body, reply }) => {
    const { text, from, to, lang: language = 'en' } = body;
    const range = parseTimeRange(from ?? 0, to, Date.now());
    const lines = workbench.tryEdit({ text, range, language }, abortOnClose(reply));
    // Read before the answer starts, so that a busy server still sets its status.
    const first = await lines.next();
    const rest = async function* () {
      if (!first.done) {
        yield first.value;
        yield* lines;
      }
    };
    return (
      reply
        .type('application/x-ndjson; charset=utf-8')
        // A proxy that gathers the answer would hide the progress.
        .header('x-accel-buffering', 'no')
        .send(Readable.from(rest()))
    );
  });
}
