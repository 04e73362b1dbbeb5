import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { EncodedAnswer } from '../engine/queries/query-workers.ts';

/**
 * Sends an answer as fast as the client reads it. When a later piece fails, the connection is closed before the end of
 * the answer, so no client takes the part for the whole.
 *
 * @throws the error of the first piece
 */
export async function sendPieces(
  reply: FastifyReply,
  { pieces, isGzip, isOnePiece }: EncodedAnswer,
): Promise<FastifyReply> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding');
  if (isGzip) {
    reply.header('content-encoding', 'gzip');
  }
  // Most answers are one piece, and a stream would cost more than all the rest of sending it.
  return isOnePiece && !first.done
    ? reply.send(first.value)
    : reply.send(Readable.from(allOf(first, iterator), { objectMode: false, highWaterMark: 1 }));
}

async function* allOf(
  first: IteratorResult<Uint8Array>,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await iterator.next()) {
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
