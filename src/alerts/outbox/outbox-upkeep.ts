import type { Log } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { NoticeBook, NoticeEntry } from './notice-book.ts';

/** What the upkeep of an outbox needs. Times in ms. */
export interface UpkeepOptions {
  book: NoticeBook;
  /** How long sent notices are kept, to recognize repeats. */
  rememberMs: number;
  /** How long notices that were given up wait for somebody to send them again or drop them. */
  keepGivenUpMs: number;
  /** Called with each write, so that a shutdown can wait for it. */
  track: (work: Promise<unknown>) => void;
  log: Log;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Keeps the stored outbox up to date and small. */
export interface OutboxUpkeep {
  /** Stores the current state of notices in the background. A write that fails is tried again. */
  save(entries: readonly NoticeEntry[]): void;
  /** Stops pruning and retries. Writes in flight continue. */
  close(): void;
}

const PRUNE_EVERY_MS = 3_600_000;
const RETRY_SAVES_EVERY_MS = 5_000;

/** Starts the upkeep: saves delivery states in the background, and deletes old notices now and every hour. */
export function startUpkeep(options: UpkeepOptions): OutboxUpkeep {
  const { book, rememberMs, keepGivenUpMs, track, log, now } = options;
  const unsaved = new Set<NoticeEntry>();

  function save(entries: readonly NoticeEntry[]): void {
    const saving = book.save(entries).then(
      () => {
        for (const entry of entries) {
          unsaved.delete(entry);
        }
      },
      (thrown: unknown) => {
        // Delivery continues; only a restart before the next save would send them again.
        for (const entry of entries) {
          unsaved.add(entry);
        }
        log('error', `alerts: ${asBreakwatchError(thrown).message}`);
      },
    );
    track(saving);
  }

  /** Drops notices that were given up long ago, and deletes notices that were sent long ago. */
  function prune(): void {
    const before = now() - keepGivenUpMs;
    const expired = [...book.entries()].filter(
      ({ at, channels }) =>
        at < before && [...channels.values()].every(({ state }) => state !== 'waiting'),
    );
    for (const { channels } of expired) {
      for (const [name, { state }] of channels) {
        channels.set(name, { state: state === 'givenUp' ? 'dropped' : state });
      }
    }
    save(expired);
    // A failure leaves old notices in the store until the next hour.
    track(book.prune(now() - rememberMs).catch(() => undefined));
  }

  prune();
  const timers = [
    setInterval(prune, PRUNE_EVERY_MS),
    setInterval(() => {
      if (unsaved.size > 0) {
        save([...unsaved]);
      }
    }, RETRY_SAVES_EVERY_MS),
  ];
  for (const timer of timers) {
    timer.unref();
  }

  return {
    save,
    close() {
      for (const timer of timers) {
        clearInterval(timer);
      }
    },
  };
}
