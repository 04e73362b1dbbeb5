import type { BreakPosition } from '../model/break.ts';
import { badField } from '../queries/parse-request.ts';

/** Encodes a place in the order of breaks as the opaque text of `next`. */
export function printCursor({ endedAt, id }: BreakPosition): string {
  return Buffer.from(JSON.stringify([endedAt, id])).toString('base64url');
}

/**
 * Decodes the text of `next`.
 *
 * @throws `BAD_QUERY`
 */
export function parseCursor(text: string): BreakPosition {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(place) && place.length === 2) {
      const [endedAt, id] = place as [unknown, unknown];
      if (Number.isInteger(endedAt) && typeof id === 'string') {
        return { endedAt: endedAt as number, id };
      }
    }
  } catch {
    // The error below.
  }
  throw badField('next', 'must be the next value of an earlier answer');
}
