import { parseEventLine } from '../../css/import/index.ts';
import { readArrival } from '../../css/read-arrival.ts';
import { buildFacts } from '../../engine/derive/derive-entries.ts';
import { mergeObservations, reasonOf } from '../../engine/derive/matching/merge-observations.ts';
import type { Facts } from '../../model/facts.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/**
 * Converts an event in any form that `breakwatch diagnose` accepts into the facts for a diagnosis.
 *
 * @throws BreakwatchError BAD_EVENT
 */
export function readEvent(value: unknown): { facts: Facts; match: ReasonMatch } {
  const arrival = readArrival(parseEventLine(value));
  if (arrival.kind !== 'end') {
    throw maskedError('BAD_EVENT', {
      problem: 'it is not the end of a push (event_type is not 0)',
    });
  }
  const event = mergeObservations([{ ...arrival.event, seq: 0 }]);
  const match = reasonOf(event);
  const facts = buildFacts({
    event,
    match,
    derived: arrival.event.derived,
    nearbyCounts: null,
    apiState: undefined,
  });
  return { facts, match };
}
