import type { Store } from '../../../src/store/store.ts';
import { DAY, makeRecord } from '../make-record.ts';

/**
 * Derives one break from each journal entry behind the cursor, with an id of the entry's seq and
 * key, so that an entry derived with two seqs would show as two breaks.
 *
 * @param batch - entries per commit
 */
export async function deriveAll(store: Store, batch: number): Promise<void> {
  for (;;) {
    const entries = await store.journal(await store.cursor(), batch);
    const last = entries.at(-1);
    if (last === undefined) {
      return;
    }
    const breaks = entries.map(({ seq, key }) =>
      makeRecord({ id: `${seq}/${key}`, endedAt: DAY + seq * 1_000 }),
    );
    await store.commit({ breaks, removed: [], pushes: [], cursor: last.seq });
  }
}
