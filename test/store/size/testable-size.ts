import type { StoreSize } from '../../../src/store/size/store-size.ts';
import type { Store } from '../../../src/store/store.ts';
import { DAY, makeEntry, makeRecord } from '../make-record.ts';

/** Number of entries, one a minute. */
const ENTRIES = 3_000;
/** Number of breaks. */
const BREAKS = 1_200;

/** Fills a store with entries of two days, and breaks. */
export async function fillForSize(store: Store): Promise<void> {
  await store.append(
    Array.from({ length: ENTRIES }, (_one, n) =>
      makeEntry(`k${n}`, { receivedAt: DAY + n * 60_000 }),
    ),
  );
  await store.commit({
    breaks: Array.from({ length: BREAKS }, (_one, n) =>
      makeRecord({ id: `b${n}`, endedAt: DAY + n * 60_000, stream: `s${n % 50}` }),
    ),
    removed: [],
    pushes: [],
    cursor: ENTRIES,
  });
}

/** The parts of a size that do not depend on the store. */
export function partsOf({ tables, arrivals }: StoreSize) {
  const of = (name: string) => tables.find(({ table }) => table === name);
  return {
    journal: of('journal')?.rows,
    breaks: of('breaks')?.rows,
    perDay: arrivals.perDay,
    hasBytes: ['journal', 'breaks', 'break_details'].every(
      (name) => (of(name)?.bytes ?? 0) > 50_000,
    ),
    hasIndexes: (of('breaks')?.indexBytes ?? 0) > 50_000,
  };
}

/** What {@link partsOf} finds in a store that {@link fillForSize} filled. */
export const EXPECTED = {
  journal: ENTRIES,
  breaks: BREAKS,
  perDay: 1_440,
  hasBytes: true,
  hasIndexes: true,
};
