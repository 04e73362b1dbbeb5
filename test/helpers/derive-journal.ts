import type { DeriveContext, DerivedEntries } from '../../src/engine/derive/derive-entries.ts';
import { deriveEntries } from '../../src/engine/derive/derive-entries.ts';

/**
 * Derives all that the journal has behind the cursor, and stores it, as the deriver does.
 *
 * @param batch - entries per commit
 * @param onBatch - called with what was stored
 */
export async function deriveJournal(
  context: DeriveContext,
  batch = 500,
  onBatch: (derived: DerivedEntries) => void = () => undefined,
): Promise<void> {
  const { store } = context;
  for (;;) {
    const entries = await store.journal(await store.cursor(), batch);
    if (entries.length === 0) {
      return;
    }
    const derived = await deriveEntries(entries, context);
    await store.commit(derived);
    onBatch(derived);
  }
}
