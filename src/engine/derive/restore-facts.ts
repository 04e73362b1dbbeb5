import { isDeepStrictEqual } from 'node:util';
import type { ExportedFacts } from '../../css/import/index.ts';
import type { BreakRecord, SourceKey } from '../../model/break.ts';
import { factsWithEnd } from '../../model/facts.ts';
import type { ThreadStore } from '../../store/store.ts';
import type { DeriveContext } from './derive-entries.ts';
import { reasonOf } from './matching/merge-observations.ts';

/**
 * Gives imported breaks the facts with which they were diagnosed where the export was written, and diagnoses them
 * with the current rules. A break whose reports are not those of the export, with the same times of arrival, keeps
 * its own facts.
 *
 * @returns the breaks that changed, as stored
 * @throws `STORE_FAILED`
 */
export async function restoreFacts(
  exported: readonly ExportedFacts[],
  { store, diagnoser }: Pick<DeriveContext, 'diagnoser'> & { store: ThreadStore },
): Promise<BreakRecord[]> {
  const changed: BreakRecord[] = [];
  for (const { id, account, sources, facts } of exported) {
    const record = await store.breakById(id);
    if (
      record?.event.account !== account ||
      !isDeepStrictEqual(arrivals(record.event.sources), arrivals(sources)) ||
      isDeepStrictEqual(record.event.facts, facts)
    ) {
      continue;
    }
    const { event } = record;
    const verdict = await diagnoser.judge(factsWithEnd(facts, event.endedAt), reasonOf(event));
    changed.push({ event: { ...record.event, outcome: verdict.outcome, facts }, verdict });
  }
  if (changed.length > 0) {
    // The journal is not read here. The store never moves its cursor back, so 0 leaves it as it is.
    await store.commit({ breaks: changed, removed: [], pushes: [], cursor: 0 });
  }
  return changed;
}

function arrivals(sources: readonly SourceKey[]): string[] {
  return sources.map(({ source, key, receivedAt }) => `${source} ${key} ${receivedAt}`);
}
