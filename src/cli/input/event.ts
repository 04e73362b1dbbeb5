import { parseEventLine } from '../../css/import/index.ts';
import { readArrival } from '../../css/read-arrival.ts';
import { loadRules } from '../../diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, type Diagnoser } from '../../diagnosis/run/index.ts';
import { buildFacts } from '../../engine/derive/derive-entries.ts';
import { mergeObservations, reasonOf } from '../../engine/derive/matching/merge-observations.ts';
import type { Facts } from '../../model/facts.ts';
import { type ReasonMatch, setTeamCatalogue } from '../../reasons/match-reason.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/**
 * Loads the shipped rules and the team's own rules (BREAKWATCH_RULES), which override them. Mistakes in
 * rule files go to standard error, one line each; the other rules are used.
 */
export async function loadDiagnoser(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Diagnoser> {
  const own = environment.BREAKWATCH_RULES;
  const { ruleSet, problems } = await loadRules(
    own ? [shippedRulesFolder(), own] : [shippedRulesFolder()],
  );
  for (const { file, line, column, message } of problems) {
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  }
  setTeamCatalogue(ruleSet.catalogue);
  return createDiagnoser(ruleSet);
}

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
