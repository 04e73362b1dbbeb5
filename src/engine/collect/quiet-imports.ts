import { readArrival } from '../../css/read-arrival.ts';
import { type JournalEntry, QUIET_MARK } from '../../model/break.ts';
import type { Store } from '../../store/store.ts';
import type { DeriverThread } from '../derive/deriver.ts';
import type { CollectedEnd } from '../derive/lift-quiet.ts';

/** Name of the stored time of the last quiet import, epoch ms UTC. */
const STATE = 'quiet-import-at';
/** A break that ended longer ago than this, ms, does not notify anyway. */
const RECENT_MS = 3_600_000;
/** How often the time is stored, ms. */
const SAVE_EVERY_MS = 60_000;

/** What {@link QuietImports} needs. */
interface QuietImportsOptions {
  store: Pick<Store, 'getState' | 'setState'>;
  deriver: Pick<DeriverThread, 'idle' | 'liftQuiet'>;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Watches for breaks that were imported quietly and are then collected. The journal drops such an entry as a
 * duplicate, but its break must notify from then on.
 */
export class QuietImports {
  readonly #options: QuietImportsOptions;
  /** When the last quiet import was, epoch ms UTC; undefined until it is read from the store. */
  #lastAt: number | undefined;
  /** When it was read, as `performance.now()`: another server may import. */
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(options: QuietImportsOptions) {
    this.#options = options;
  }

  /** Records imported entries. @throws `STORE_FAILED` */
  async imported(entries: readonly JournalEntry[]): Promise<void> {
    const { store, now } = this.#options;
    const at = now();
    if (
      entries.some(({ derived }) => derived[QUIET_MARK] === true) &&
      at - (await this.#read()) >= SAVE_EVERY_MS
    ) {
      this.#lastAt = at;
      await store.setState(STATE, at);
    }
  }

  /** Lets the breaks of collected entries notify that the journal had already. @throws `STORE_FAILED` */
  async collected(duplicates: readonly JournalEntry[]): Promise<void> {
    const { deriver, now } = this.#options;
    const since = now() - RECENT_MS;
    if ((await this.#read()) < since - SAVE_EVERY_MS) {
      return;
    }
    const ends = duplicates.flatMap((entry): CollectedEnd[] => {
      const arrival = readArrival(entry);
      if (arrival.kind !== 'end' || arrival.event.endedAt < since) {
        return [];
      }
      const { account, domain, app, stream, endedAt } = arrival.event;
      return [
        { account, domain, app, stream, endedAt, observation: `${entry.source} ${entry.key}` },
      ];
    });
    if (ends.length > 0) {
      // The import may not be derived yet.
      await deriver.idle();
      await deriver.liftQuiet(ends);
    }
  }

  async #read(): Promise<number> {
    if (this.#lastAt === undefined || performance.now() - this.#readAt > SAVE_EVERY_MS) {
      this.#readAt = performance.now();
      const stored = await this.#options.store.getState(STATE);
      this.#lastAt = Math.max(
        this.#lastAt ?? Number.NEGATIVE_INFINITY,
        typeof stored === 'number' ? stored : Number.NEGATIVE_INFINITY,
      );
    }
    return this.#lastAt;
  }
}
