import type { Diagnoser } from '../../diagnosis/run/index.ts';
import type { BreakRecord } from '../../model/break.ts';
import { type FactValue, factsWithEnd } from '../../model/facts.ts';
import type { ThreadStore } from '../../store/store.ts';
import { reasonOf } from './matching/merge-observations.ts';

/**
 * Adds facts to a stored break and diagnoses it again with the current rules. Doing it twice changes nothing.
 *
 * @param given - facts that replace those of the same name
 * @returns the break if it changed, as stored; empty when there is no such break
 * @throws `STORE_FAILED`
 */
export async function addFacts(
  id: string,
  given: Readonly<Record<string, FactValue>>,
  { store, diagnoser }: { store: ThreadStore; diagnoser: Diagnoser },
): Promise<BreakRecord[]> {
  const record = await store.breakById(id);
  if (
    !record ||
    Object.entries(given).every(([name, value]) => record.event.facts[name] === value)
  ) {
    return [];
  }
  const facts = { ...factsWithEnd(record.event.facts, record.event.endedAt), ...given };
  const verdict = await diagnoser.judge(facts, reasonOf(record.event));
  const changed = { event: { ...record.event, outcome: verdict.outcome, facts }, verdict };
  // The journal is not read here. The store never moves its cursor back, so 0 leaves it as it is.
  await store.commit({ breaks: [changed], removed: [], pushes: [], cursor: 0 });
  return [changed];
}
