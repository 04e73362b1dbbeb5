import type { BreakRecord } from '../model/break-record.ts';
import { badField } from '../queries/parse-fields.ts';

/** A place in the order of breaks: after this record. */
export interface BreaksPlace {
  endedAt: number;
  id: string;
}

/** Writes a place as the opaque text of `next`. */
export function printCursor({ event }: BreakRecord): string {
  return Buffer.from(JSON.stringify([event.endedAt, event.id])).toString('base64url');
}

/**
 * Reads a place back.
 *
 * @throws `BAD_QUERY`
 */
export function parseCursor(text: string): BreaksPlace {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(place) && place.length === 2) {
      const [endedAt, id] = place as [unknown, unknown];
      if (Number.isInteger(endedAt) && typeof id === 'string') {
        return { endedAt: endedAt as number, id };
      }
    }
  } catch {
    // Falls through to the one error.
  }
  throw badField('next', 'is not what an earlier answer gave as next');
}
