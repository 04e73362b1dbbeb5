import { type BreakRecord, isQuiet } from '../../model/break.ts';
import type { EvidenceSource } from './evidence-source.ts';

/** The options of {@link SamplesOfBreaks}. */
export interface SamplesOfBreaksOptions {
  evidence: Pick<EvidenceSource, 'of'>;
  /** Tells whether samples may speak against the cause of a rule. */
  canContradict: (rule: { id: string; hash: string }) => boolean;
  /** Tells whether the API of an account can be asked. */
  canAsk: (account: string) => boolean;
  /** Time from a break to the request, ms; 40 s when absent. */
  waitMs?: number;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** CSS has a sample every 5 s and needs some time to show it; the page of one stream goes out after 60 s. */
const WAIT_MS = 40_000;
/** Older breaks are not looked at, ms: their page is out. */
const MAX_AGE_MS = 120_000;
/** A push that was live more briefly, ms, has too few samples. */
const MIN_LIVE_MS = 60_000;
/** At most this many breaks of an account are waiting. In a storm, samples of single streams tell nothing. */
const MAX_WAITING = 5;
/** After a request that failed, the account is left alone for this time, ms: its key may lack the permission. */
const PAUSE_MS = 600_000;

/**
 * Reads the samples of new breaks whose stream stays down, so that the page can say when they speak against its
 * cause. What was read is passed on by {@link EvidenceSource}.
 */
export class SamplesOfBreaks {
  readonly #options: SamplesOfBreaksOptions;
  /** Breaks that wait, by id. */
  readonly #waiting = new Map<string, { account: string; timer: NodeJS.Timeout }>();
  /** Until when an account is left alone, epoch ms UTC. */
  readonly #pausedUntil = new Map<string, number>();

  constructor(options: SamplesOfBreaksOptions) {
    this.#options = options;
  }

  /** Takes new and changed breaks. */
  take(records: readonly BreakRecord[]): void {
    for (const record of records) {
      const { id, recoveredAt } = record.event;
      if (recoveredAt !== null) {
        this.remove(id);
      } else if (!this.#waiting.has(id) && this.#hasRoom(record) && this.#isWanted(record)) {
        this.#schedule(record);
      }
    }
  }

  /** Forgets a break that no longer exists. */
  remove(id: string): void {
    clearTimeout(this.#waiting.get(id)?.timer);
    this.#waiting.delete(id);
  }

  /** Stops all requests that wait. */
  close(): void {
    for (const { timer } of this.#waiting.values()) {
      clearTimeout(timer);
    }
    this.#waiting.clear();
  }

  #hasRoom({ event: { account } }: BreakRecord): boolean {
    const ofAccount = [...this.#waiting.values()].filter((one) => one.account === account);
    return ofAccount.length < MAX_WAITING;
  }

  #isWanted({ event, verdict }: BreakRecord): boolean {
    const { canAsk, canContradict, now } = this.#options;
    return (
      verdict.outcome === 'broken' &&
      canContradict(verdict.rule) &&
      !('samplesBeforeBreak' in event.facts) &&
      !isQuiet(event) &&
      (event.durationMs ?? 0) >= MIN_LIVE_MS &&
      now() - event.endedAt < MAX_AGE_MS &&
      now() >= (this.#pausedUntil.get(event.account) ?? 0) &&
      canAsk(event.account)
    );
  }

  #schedule({ event: { id, account, endedAt } }: BreakRecord): void {
    const { waitMs = WAIT_MS, now } = this.#options;
    const timer = setTimeout(() => void this.#ask(id, account), endedAt + waitMs - now());
    timer.unref();
    this.#waiting.set(id, { account, timer });
  }

  async #ask(id: string, account: string): Promise<void> {
    this.#waiting.delete(id);
    const { evidence, now } = this.#options;
    const isAnswered = await evidence.of(id, 'en').then(
      ({ problems }) => problems.length === 0,
      () => false,
    );
    if (!isAnswered) {
      this.#pausedUntil.set(account, now() + PAUSE_MS);
    }
  }
}
