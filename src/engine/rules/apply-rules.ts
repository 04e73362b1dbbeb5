import { INCIDENT_OPTIONS } from '../../incidents/options.ts';
import type { BreakPosition } from '../../model/break.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import type { Deriver } from '../derive/deriver.ts';
import type { RulesApplication, RulesApplied } from '../engine.ts';

const DAY_MS = 86_400_000;
/** Number of breaks diagnosed at a time: new callbacks are judged only after them, about 20 ms later. */
const BATCH = 150;

/**
 * Diagnoses a part of history again with the deriver's current rules.
 *
 * @param at - now, epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function applyRules(
  { range, after, limit }: RulesApplication,
  { store, deriver }: { store: Pick<Store, 'series'>; deriver: Pick<Deriver, 'rediagnose'> },
  at: number,
): Promise<Omit<RulesApplied, 'ruleSet'>> {
  const total = after ? null : await countBreaks(store, range, at);
  const part = await deriver.rediagnose({ range, limit, at, ...(after && { after }) });
  const { read, changed, next } = part;
  return { read, changed, next, total };
}

/**
 * Diagnoses the breaks whose stream is still down again with the deriver's current rules. For other
 * breaks, use {@link applyRules}.
 *
 * @param at - now, epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function rediagnoseOpen(
  deriver: Pick<Deriver, 'rediagnose'>,
  at: number,
): Promise<void> {
  const range = { from: at - INCIDENT_OPTIONS.giveUpMs, to: at + 1 };
  for (let after: BreakPosition | null | undefined; after !== null; ) {
    const request = { range, openOnly: true, limit: BATCH, at };
    const part = await deriver.rediagnose({ ...request, ...(after && { after }) });
    after = part.next;
  }
}

async function countBreaks(
  store: Pick<Store, 'series'>,
  range: TimeRange,
  now: number,
): Promise<number> {
  const search = { range, filters: {}, groupBy: [], stepMs: DAY_MS, limit: 1, now };
  const [all] = await store.series({ ...search, measure: 'count' });
  return [...(all?.points ?? [])].reduce((sum, count) => sum + count, 0);
}
