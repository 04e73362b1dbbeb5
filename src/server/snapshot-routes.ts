import type { FastifyInstance } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { SnapshotBlocks } from '../model/facts.ts';
import { badField } from '../queries/parse-request.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { addRoute } from './add-route.ts';

/** Breaks in one request. */
const MAX_PLACES = 1_000;

/**
 * Adds the routes that give the fact snapshots of all breaks to a back-test elsewhere, in the compact
 * form in which they are stored. That form may change: the reader must be of the same version.
 */
export function addSnapshotRoutes(app: FastifyInstance, snapshots: SnapshotBlocks): void {
  addRoute(app, ROUTES.snapshots, async () => ({ blocks: await snapshots.list() }));

  addRoute(app, ROUTES.snapshotBreaks, async ({ query }) => {
    const places = query.places.split(',');
    if (places.length > MAX_PLACES || !places.every((place) => /^\d{1,15}$/.test(place))) {
      throw badField('places', `must be a list of at most ${MAX_PLACES} numbers with commas`);
    }
    return { breaks: await snapshots.breaks(places.map(Number)) };
  });

  addRoute(app, ROUTES.snapshotBlock, async ({ params: { block }, request, reply }) => {
    const bytes = /^\d{1,9}$/.test(block) ? await snapshots.bytes(Number(block)) : null;
    if (bytes === null) {
      throw maskedError('NOT_FOUND', { path: request.url.split('?', 1)[0] as string });
    }
    return reply.type('application/octet-stream').send(bytes);
  });
}
