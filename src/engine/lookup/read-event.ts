import { parseEventLine } from '../../css/import/index.ts';
import type { PushKey } from '../../css/push-url/index.ts';
import { readArrival } from '../../css/read-arrival.ts';
import type { RuleTestInput } from '../../diagnosis/rule.ts';
import { readTestInput } from '../../diagnosis/run/index.ts';
import { findFact } from '../../model/fact-catalogue.ts';
import type { Facts } from '../../model/facts.ts';
import type { ReasonMatch } from '../../reasons/match-reason.ts';
import { reasonById } from '../../reasons/reason-catalogue.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { buildFacts } from '../derive/derive-entries.ts';
import { mergeObservations, reasonOf } from '../derive/matching/merge-observations.ts';

/** What a diagnosis needs of an event. It holds no secret. */
export interface ReadEvent {
  facts: Facts;
  match: ReasonMatch;
}

/**
 * Converts an event that a person gives into the facts for a diagnosis: a callback body, a record of the event list,
 * `{"reasonText": "…"}` or `{"bypassCode": 6012}`.
 *
 * @param pushKeys - push auth keys, for the txSecret of a callback
 * @throws `BAD_EVENT`, `CALLBACK_*`
 */
export function readEvent(value: unknown, pushKeys: readonly PushKey[] = []): ReadEvent {
  const arrival = readArrival(parseEventLine(value, Date.now(), pushKeys));
  if (arrival.kind !== 'end') {
    throw maskedError('BAD_EVENT', {
      problem:
        arrival.kind === 'start'
          ? 'it is the start of a push (event_type 1), so nothing broke'
          : 'it is not the end of a push (event_type is not 0)',
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

/** Whether a value has facts by name, as the `given` of a rule's test. */
export function isGivenFacts(value: unknown): value is RuleTestInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => name === 'text' || findFact(name) !== undefined);
}

function checkGiven(given: RuleTestInput): RuleTestInput {
  for (const [name, value] of Object.entries(given)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw maskedError('BAD_EVENT', {
        problem: `${name} must be a string, a number or a boolean`,
      });
    }
  }
  if (given.reason !== undefined && !reasonById(String(given.reason))) {
    throw maskedError('BAD_EVENT', { problem: `the reason ${given.reason} does not exist` });
  }
  const { reasonText } = given;
  return typeof reasonText === 'string' ? { text: reasonText, ...given } : given;
}

/**
 * Converts an event as {@link readEvent} does, or facts by name as in a rule's test.
 *
 * @throws `BAD_EVENT`, `CALLBACK_*`
 */
export function readEventOrFacts(value: unknown, pushKeys: readonly PushKey[] = []): ReadEvent {
  return isGivenFacts(value)
    ? readTestInput(checkGiven(maskSecrets(value)))
    : readEvent(value, pushKeys);
}
