import type { FastifyReply } from 'fastify';

/** Aborts when the client closes the connection. */
export function abortOnClose(reply: FastifyReply): AbortSignal {
  const abort = new AbortController();
  reply.raw.once('close', () => abort.abort());
  return abort.signal;
}
