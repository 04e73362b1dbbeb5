import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import { importLines } from '../engine/collect/import-lines.ts';
import type { Engine } from '../engine/engine.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { readSearch } from './read-search.ts';

/** Bytes of one request at most. A request must arrive within 30 s, so bigger files come in pieces. */
export const IMPORT_BODY_LIMIT = 8 * 1024 * 1024;

/**
 * Adds `POST /api/v1/import`, which reads records as JSON lines while they arrive and never
 * holds the whole body. A line with an error is left out and named; the others are imported. Lines that
 * are sent again are not counted twice, so after a lost connection the client sends all of them again.
 */
export function addImportRoute(app: FastifyInstance, engine: Engine): void {
  app.register(async (route) => {
    route.removeAllContentTypeParsers();
    // The body stays a stream.
    route.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    route.post(ROUTES.import.path, { bodyLimit: IMPORT_BODY_LIMIT }, async (request) => {
      const { account, notify } = readSearch(ROUTES.import.query, request.query);
      const options = { notify: notify === 'true' };
      return importLines(engine, account?.trim() || null, limited(request.raw), options);
    });
  });
}

async function* limited(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const piece of input) {
    bytes += piece.length;
    if (bytes > IMPORT_BODY_LIMIT) {
      throw maskedError('BODY_TOO_LARGE', { limitBytes: IMPORT_BODY_LIMIT });
    }
    yield piece;
  }
}
