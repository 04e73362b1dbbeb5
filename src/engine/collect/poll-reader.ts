import { apiEntry, type CssClient, type StreamEventInfo } from '../../css/api/index.ts';
import { parseCssTime } from '../../css/css-time.ts';
import type { JournalEntry } from '../../model/break.ts';
import type { TimeRange } from '../../store/store.ts';
import type { PollMemory } from './poll-memory.ts';

const MAX_RECENT_KEYS = 50_000;
const MAX_ENTRIES_AT_ONCE = 500;
/** The AppName that is listed without being asked for. */
export const DEFAULT_APP = 'live';

/** What reading the event list of one account needs. */
export interface PollReaderOptions {
  account: string;
  client: Pick<CssClient, 'streamEvents'>;
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Takes new entries and resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
}

/** Reads the event list of one account and hands on what is new. */
export class PollReader {
  readonly #options: PollReaderOptions;
  readonly #signal: AbortSignal;
  readonly #recent = new PollRecentKeys(MAX_RECENT_KEYS);
  #unreadable = 0;

  /** @param signal - ends everything in hand */
  constructor(options: PollReaderOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Records since the start that were no events and were passed over. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /**
   * Reads a range, yielding after each page.
   *
   * @param memory - what is learnt of the API is noted there
   * @throws `CSS_*`; what `accept` throws; the signal's reason
   */
  async *read(range: TimeRange, memory: PollMemory): AsyncGenerator<void, void> {
    const { client } = this.#options;
    for (const app of [undefined, ...memory.apps]) {
      if (app !== undefined && memory.listsAllApps) {
        return;
      }
      for await (const page of client.streamEvents({ ...range, app }, this.#signal)) {
        learn(page, range, app, memory);
        await this.#hand(page);
        yield;
      }
    }
  }

  /** Hands entries on, not too many at once. */
  async accept(entries: readonly JournalEntry[]): Promise<void> {
    for (let index = 0; index < entries.length; index += MAX_ENTRIES_AT_ONCE) {
      this.#signal.throwIfAborted();
      await this.#options.accept(entries.slice(index, index + MAX_ENTRIES_AT_ONCE));
    }
  }

  async #hand(page: readonly StreamEventInfo[]): Promise<void> {
    const { account, now } = this.#options;
    const entries: JournalEntry[] = [];
    for (const info of page) {
      try {
        entries.push(apiEntry(account, info, now()));
      } catch {
        // One strange record must not hide all others.
        this.#unreadable += 1;
      }
    }
    const fresh = this.#recent.unknown(entries);
    await this.accept(fresh);
    this.#recent.remember(entries);
  }
}

/** Takes note of what the documents leave open. */
function learn(
  page: readonly StreamEventInfo[],
  range: TimeRange,
  app: string | undefined,
  memory: PollMemory,
): void {
  for (const { AppName, StreamStartTime, StreamEndTime } of page) {
    if (app === undefined && AppName && AppName !== DEFAULT_APP) {
      memory.listsAllApps = true;
    }
    const startedAt = parseCssTime(StreamStartTime);
    const endedAt = parseCssTime(StreamEndTime);
    if (startedAt !== null && endedAt !== null) {
      const isInside = endedAt >= range.from && endedAt <= range.to;
      memory.listsByEnd ||= isInside && startedAt < range.from;
    }
  }
}

/**
 * Remembers the keys of records that were handed on lately, so that overlapping windows do not
 * burden the journal with what it has. Forgetting one costs a duplicate that the journal drops.
 */
export class PollRecentKeys {
  readonly #limit: number;
  readonly #keys = new Set<string>();

  /** @param limit - keys at most; the oldest go first */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The entries that were not remembered. */
  unknown(entries: readonly JournalEntry[]): JournalEntry[] {
    return entries.filter((entry) => !this.#keys.has(entry.key));
  }

  /** Remembers entries, once the journal has them. */
  remember(entries: readonly JournalEntry[]): void {
    for (const { key } of entries) {
      this.#keys.delete(key);
      this.#keys.add(key);
    }
    for (const key of this.#keys) {
      if (this.#keys.size <= this.#limit) {
        break;
      }
      this.#keys.delete(key);
    }
  }
}
