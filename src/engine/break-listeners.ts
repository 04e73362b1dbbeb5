import type { BreakRecord } from '../model/break.ts';
import type { DerivedNote } from './derive/deriver.ts';

type Changed = (record: BreakRecord) => void;
type Removed = (id: string) => void;

/** Whoever wants to hear of new, changed and vanished breaks. */
export class BreakListeners {
  readonly #listeners = new Set<{ changed: Changed; removed: Removed | undefined }>();

  /** @returns ends listening */
  add(changed: Changed, removed?: Removed): () => void {
    const listener = { changed, removed };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells all of them of a batch: first what is no more. */
  tell({ records, removed }: Pick<DerivedNote, 'records' | 'removed'>): void {
    for (const listener of this.#listeners) {
      for (const id of removed) {
        listener.removed?.(id);
      }
      for (const record of records) {
        listener.changed(record);
      }
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#listeners.clear();
  }
}
