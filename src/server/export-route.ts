import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import type { QueryGate } from '../engine/queries/query-gate.ts';
import { parseTimeRange } from '../queries/parse-time-range.ts';
import { abortOnClose } from './abort-on-close.ts';
import { addRoute } from './add-route.ts';

/**
 * Adds `GET /api/v1/export`, which writes JSON lines as fast as the client reads them. When a page fails, the
 * connection is closed before the last line of the export, so that an import can tell.
 */
export function addExportRoute(
  app: FastifyInstance,
  { engine, gate }: { engine: Engine; gate: QueryGate },
): void {
  addRoute(app, ROUTES.export, async ({ query, reply }) => {
    const { from, to, ...filters } = query;
    const range =
      from === undefined && to === undefined
        ? {}
        : { range: parseTimeRange(from ?? 0, to, Date.now()) };
    const signal = abortOnClose(reply);
    const pages = engine.exportLines({ filters, ...range });
    // Read before the answer starts, so that an error of the store still sets its status.
    const first = await gate.run(() => pages.next(), signal);
    const rest = async function* () {
      for (let page = first; !page.done; ) {
        yield page.value;
        page = await gate.run(() => pages.next(), signal);
      }
    };
    return reply
      .type('application/x-ndjson; charset=utf-8')
      .header('content-disposition', 'attachment; filename="breakwatch.jsonl"')
      .send(Readable.from(rest()));
  });
}
