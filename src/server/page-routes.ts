import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * Serves the built page, compressed when the browser accepts it. Browsers may keep files with a hash in
 * their name for a year; they ask for the page itself each time.
 *
 * @param webRoot - folder with index.html
 * @returns a function that sends the page; undefined when there is no built page
 */
export function addPageRoutes(
  app: FastifyInstance,
  webRoot: string | undefined,
): ((reply: FastifyReply) => FastifyReply) | undefined {
  if (!webRoot || !existsSync(join(webRoot, 'index.html'))) {
    return undefined;
  }
  app.register(fastifyStatic, {
    root: webRoot,
    cacheControl: false,
    preCompressed: true,
    setHeaders(response, path) {
      const kept = path.startsWith(join(webRoot, 'assets'));
      response.setHeader(
        'cache-control',
        kept ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  return (reply) => reply.sendFile('index.html');
}
