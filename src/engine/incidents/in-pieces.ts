import { setTimeout as wait } from 'node:timers/promises';

/**
 * Documents in one transaction, or alerts in one message, and the pause before the next one, ms: other
 * writers of the database and callbacks get their turn.
 */
const PIECE = 50;
const BETWEEN_PIECES_MS = 5;

/** Does work piece by piece, with a pause before the next one. @throws an abort error, what the work throws */
export async function inPieces<T>(
  all: readonly T[],
  work: (piece: T[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let place = 0; place < all.length; place += PIECE) {
    if (place > 0) {
      await wait(BETWEEN_PIECES_MS, undefined, { signal });
    }
    await work(all.slice(place, place + PIECE));
  }
}
