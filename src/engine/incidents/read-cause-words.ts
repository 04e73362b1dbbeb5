import { ruleHashesOf } from '../../model/diagnosis.ts';
import type { Incident, StoredIncident } from '../../model/incident.ts';
import type { RuleTextCache } from '../../queries/cause-texts.ts';
import { countSeen } from '../../queries/incidents/count-seen.ts';
import type { ThreadStore } from '../../store/store.ts';
import type { CauseWords } from './incident-messages.ts';

/** Earlier breaks are not counted when more incidents than this need words at once. */
const MAX_SEEN = 50;

/** An incident whose alert needs texts, as it is grouped and as it is stored. */
export interface WordsRequest {
  incident: Incident;
  stored: StoredIncident;
}

/**
 * Reads what the texts of alerts are written from: the breaks of the causes with all their facts, the
 * texts of their rules, and how often this has happened before.
 *
 * @param now - epoch ms UTC
 * @returns by id of the incident; without those whose cause is no longer stored
 * @throws `STORE_FAILED`
 */
export async function readCauseWords(
  requests: readonly WordsRequest[],
  { store, texts, now }: { store: ThreadStore; texts: RuleTextCache; now: number },
): Promise<Map<string, CauseWords>> {
  const found = new Map<string, CauseWords>();
  for (const { incident, stored } of requests) {
    const cause = await store.breakById(incident.cause.event.id);
    const firstCause = incident.firstCause && (await store.breakById(incident.firstCause.event.id));
    if (cause) {
      const hashes = [cause, ...(firstCause ? [firstCause] : [])].flatMap(({ verdict }) =>
        ruleHashesOf(verdict),
      );
      found.set(incident.id, {
        incident: incident.id,
        cause,
        firstCause,
        texts: [...(await texts.get(hashes)).values()],
        seen: requests.length > MAX_SEEN ? null : await countSeen({ ...stored, cause }, store, now),
      });
    }
  }
  return found;
}
