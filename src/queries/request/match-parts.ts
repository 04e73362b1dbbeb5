import type { BreakRecord } from '../../model/break.ts';
import { type Filters, matchFilters } from '../../model/query.ts';

/** Filters that ask why; all others ask where. */
const OF_VERDICT = ['category', 'severity', 'side', 'outcome', 'reason', 'rule'] as const;

/**
 * Splits filters in two: why something broke and where.
 *
 * @returns `why` is to be held against the break that stands for the cause, `where` against any break
 */
export function matchParts(filters: Filters = {}): {
  why: (record: BreakRecord) => boolean;
  where: (record: BreakRecord) => boolean;
} {
  const isWhy = (name: string) => (OF_VERDICT as readonly string[]).includes(name);
  const pick = (wanted: boolean): Filters =>
    Object.fromEntries(Object.entries(filters).filter(([name]) => isWhy(name) === wanted));
  const why = pick(true);
  const where = pick(false);
  return {
    why: (record) => matchFilters(record, why),
    where: (record) => matchFilters(record, where),
  };
}
