import { type CssClient, onlineEntries } from '../../css/api/index.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { addUnread, OVERLAP_MS, type PollMemory, wholeSecond } from './poll-memory.ts';
import { DEFAULT_APP, type PollReader } from './poll-reader.ts';

const EVERY_MS = 60_000;
const MAX_APPS = 50;

/** What reading the online list of one account needs. */
export interface PollOnlineOptions {
  account: string;
  client: Pick<CssClient, 'onlineStreams'>;
  backfillMs: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Hands on which pushes of one account are live, once a minute. */
export class PollOnline {
  readonly #options: PollOnlineOptions;
  readonly #reader: Pick<PollReader, 'accept'>;
  readonly #signal: AbortSignal;
  #known = new Set<string>();
  #readAt = Number.NEGATIVE_INFINITY;

  /**
   * @param reader - takes what is new
   * @param signal - ends everything in hand
   */
  constructor(options: PollOnlineOptions, reader: Pick<PollReader, 'accept'>, signal: AbortSignal) {
    this.#options = options;
    this.#reader = reader;
    this.#signal = signal;
  }

  /**
   * Reads the list when a minute has passed.
   *
   * @returns what went wrong; the event list is worth a try even so
   * @throws the signal's reason
   */
  async read(memory: PollMemory): Promise<BreakwatchError | null> {
    const { account, client, now } = this.#options;
    const at = now();
    if (at - this.#readAt < EVERY_MS && at >= this.#readAt) {
      return null;
    }
    try {
      const streams = await client.onlineStreams(this.#signal);
      const entries = streams.flatMap((stream) => onlineEntries(account, stream, at));
      await this.#reader.accept(entries.filter((entry) => !this.#known.has(entry.key)));
      this.#known = new Set(entries.map((entry) => entry.key));
      this.#learnApps(
        streams.map((stream) => stream.app),
        memory,
        at,
      );
      this.#readAt = at;
      return null;
    } catch (thrown) {
      this.#signal.throwIfAborted();
      return asBreakwatchError(thrown);
    }
  }

  /** An AppName that was never asked for has a past to be read. */
  #learnApps(apps: readonly string[], memory: PollMemory, at: number): void {
    const known = new Set([DEFAULT_APP, '', ...memory.apps]);
    const fresh = [...new Set(apps)].filter((app) => !known.has(app));
    if (fresh.length === 0 || memory.listsAllApps) {
      return;
    }
    memory.apps = [...memory.apps, ...fresh].slice(0, MAX_APPS);
    const from = Math.max(memory.oldest, at - this.#options.backfillMs);
    addUnread(memory, { from, to: wholeSecond(at) - OVERLAP_MS });
  }
}
