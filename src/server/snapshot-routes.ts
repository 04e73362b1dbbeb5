import type { FastifyInstance } from 'fastify';
import type { SnapshotBlocks } from '../model/fact-block.ts';
import { badField } from '../queries/request/parse-fields.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { parseSearch } from './parse-search.ts';

/** Examples asked for at once. */
const MAX_PLACES = 1_000;

/**
 * The fact snapshots of all breaks for a back-test elsewhere, in the compact form in which they are
 * kept. No promise is made about that form: whoever reads it is of the same version.
 *
 * `GET /api/v1/snapshots`: numbers of the blocks. `GET /api/v1/snapshots/:block`: one block.
 * `GET /api/v1/snapshots/breaks?places=1,2`: the breaks behind places in blocks.
 */
export function addSnapshotRoutes(app: FastifyInstance, snapshots: SnapshotBlocks): void {
  app.get('/api/v1/snapshots', async (request) => {
    parseSearch(request.query, [], false);
    return { blocks: snapshots.list() };
  });

  app.get('/api/v1/snapshots/breaks', async (request) => {
    const places = (parseSearch(request.query, ['places'], false).one('places') ?? '').split(',');
    if (places.length > MAX_PLACES || !places.every((place) => /^\d{1,15}$/.test(place))) {
      throw badField('places', `is a list of at most ${MAX_PLACES} numbers`);
    }
    return { breaks: snapshots.breaks(places.map(Number)) };
  });

  app.get<{ Params: { block: string } }>('/api/v1/snapshots/:block', async (request, reply) => {
    parseSearch(request.query, [], false);
    const { block } = request.params;
    const bytes = /^\d{1,9}$/.test(block) ? await snapshots.bytes(Number(block)) : null;
    if (bytes === null) {
      throw maskedError('NOT_FOUND', { path: request.url.split('?', 1)[0] as string });
    }
    return reply.type('application/octet-stream').send(bytes);
  });
}
