import type { FastifyInstance } from 'fastify';
import { importLines } from '../engine/collect/import-lines.ts';
import type { Engine } from '../engine/engine.ts';
import { badField } from '../queries/request/parse-fields.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { parseSearch } from './parse-search.ts';

/** Most bytes of one request; a request has to be here within 30 s, so bigger files come in pieces. */
export const IMPORT_BODY_LIMIT = 8 * 1024 * 1024;

/**
 * `POST /api/v1/import?account=NAME`: takes records as JSON lines while they come, never holding the
 * whole body. A line with an error is left out and named; the rest goes on. Sending the same lines
 * again counts nothing twice, so after a lost connection one sends them all again.
 */
export function addImportRoute(app: FastifyInstance, engine: Engine): void {
  app.register(async (route) => {
    route.removeAllContentTypeParsers();
    // The body stays a stream.
    route.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    route.post('/api/v1/import', { bodyLimit: IMPORT_BODY_LIMIT }, async (request) => {
      const search = parseSearch(request.query, ['account'], false);
      const account = search.one('account')?.trim();
      if (!account) {
        throw badField('account', 'is missing');
      }
      return importLines(engine, account, limited(request.raw));
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
