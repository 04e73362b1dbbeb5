import { LOOK_BACK_MS } from '../../queries/incidents/read-history.ts';
import type { Store, TimeRange } from '../../store/store.ts';
import type { RulesApplication, RulesApplied } from '../engine.ts';
import type { Deriver } from './create-deriver.ts';
import type { BreakPlace } from './rediagnose.ts';

const DAY_MS = 86_400_000;
/** Breaks judged anew between two batches; callbacks' breaks wait for so many. */
const REJUDGED_AT_ONCE = 500;

/**
 * Judges a piece of history by the rules that the deriver has.
 *
 * @param at - the moment now, epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function applyRules(
  { range, after, limit }: RulesApplication,
  { store, deriver }: { store: Pick<Store, 'series'>; deriver: Pick<Deriver, 'rediagnose'> },
  at: number,
): Promise<Omit<RulesApplied, 'ruleSet'>> {
  const total = after ? null : await countBreaks(store, range, at);
  const piece = await deriver.rediagnose({ range, limit, at, ...(after && { after }) });
  const { read, changed, next } = piece;
  return { read, changed, next, total };
}

/**
 * Judges by the rules that the deriver has what is still down; the rest of history waits for
 * {@link applyRules}.
 *
 * @param at - the moment now, epoch ms UTC
 * @throws `STORE_FAILED`
 */
export async function rejudgeOpen(deriver: Pick<Deriver, 'rediagnose'>, at: number): Promise<void> {
  const range = { from: at - LOOK_BACK_MS, to: at + 1 };
  for (let after: BreakPlace | null | undefined; after !== null; ) {
    const request = { range, openOnly: true, limit: REJUDGED_AT_ONCE, at };
    const piece = await deriver.rediagnose({ ...request, ...(after && { after }) });
    after = piece.next;
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
