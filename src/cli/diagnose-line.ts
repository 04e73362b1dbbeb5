import { parseEventLine } from '../css/parse-event-line.ts';
import { readArrival } from '../css/read-arrival.ts';
import type { Diagnoser } from '../diagnosis/create-diagnoser.ts';
import { buildFacts } from '../engine/build-facts.ts';
import { mergeSightings, reasonOf } from '../engine/merge-sightings.ts';
import { asBreakwatchError, BreakwatchError } from '../model/errors.ts';
import { type FlatDiagnosis, flattenDiagnosis } from '../model/flatten-diagnosis.ts';
import type { AnswerError } from '../model/query.ts';
import type { Language } from '../model/vocabulary.ts';

/** The answer to one line: a diagnosis, or what is wrong with the line. */
export type DiagnosedLine = FlatDiagnosis | { error: AnswerError; line: number };

/**
 * Diagnoses one event given as a JSON line. Never throws: a bad line is answered with its error, so
 * that a stream of lines stays one answer a line.
 *
 * @param line - number of the line, from 1, for the error
 */
export async function diagnoseLine(
  text: string,
  line: number,
  diagnoser: Diagnoser,
  language: Language,
): Promise<DiagnosedLine> {
  try {
    const arrival = readArrival(parseEventLine(parseJson(text)));
    if (arrival.kind !== 'end') {
      throw new BreakwatchError('BAD_EVENT', {
        problem: 'it tells of no end of a push (event_type is not 0)',
      });
    }
    const event = mergeSightings([{ ...arrival.event, seq: 0 }]);
    const match = reasonOf(event);
    const facts = buildFacts({
      event,
      match,
      derived: arrival.event.derived,
      surroundings: null,
      apiState: undefined,
    });
    return flattenDiagnosis(await diagnoser.diagnose(facts, match), language);
  } catch (thrown) {
    return { error: asBreakwatchError(thrown).toAnswer(), line };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new BreakwatchError('BAD_JSON', { problem: (thrown as Error).message });
  }
}
