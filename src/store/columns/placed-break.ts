import { factsWithEnd, type PlacedBreak } from '../../model/facts.ts';

/** A break by its place, as SQL returns it: place, id, endedAt, domain, app, stream, reason, facts. */
export type PlacedRow = [number, string, number, string, string, string, string, string];

/** Builds a break with its place from its row. */
export function placedBreakOf(row: PlacedRow): PlacedBreak {
  const [place, id, endedAt, domain, app, stream, reason, text] = row;
  const facts = factsWithEnd(JSON.parse(text), endedAt);
  return {
    place,
    id,
    endedAt,
    stream: `${domain}/${app}/${stream}`,
    // Rules always see the event's reason, also when the snapshot does not have it.
    facts: Object.hasOwn(facts, 'reason') ? facts : { ...facts, reason },
  };
}
