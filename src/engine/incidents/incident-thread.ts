/**
 * The thread that keeps incidents: it groups what is open, decides which alerts have to be sent, and
 * stores both through its own connection, so that tens of thousands of breaks at once never delay a
 * callback.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AlertOutcome } from '../../alerts/judge/alert-input.ts';
import { alertThreshold } from '../../alerts/judge/subject-of-incident.ts';
import { INCIDENT_OPTIONS } from '../../incidents/options.ts';
import type { AlertInstance } from '../../model/alert.ts';
import type { StoredIncident } from '../../model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../model/mute-intervals.ts';
import { findForewarnings, nextForewarning } from '../../model/push.ts';
import { RuleTextCache } from '../../queries/cause-texts.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { openThreadStore } from '../../store/open-thread-store.ts';
import type { DocumentText, ThreadStore } from '../../store/store.ts';
import { carry, type Remote } from '../../threads/channel.ts';
import { GarbageCollection } from '../../threads/collect-garbage.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { AlertJudge } from './alert-judge.ts';
import { GapFiller } from './gap-filler.ts';
import { inPieces } from './in-pieces.ts';
import { documentOfIncident, IncidentBook, idOfFounder } from './incident-book.ts';
import { IncidentMemory } from './incident-memory.ts';
import type {
  IncidentContext,
  IncidentListener,
  IncidentOperations,
  IncidentThreadData,
} from './incident-messages.ts';
import { loadBreaks, loadIncidents, neededFrom, storeSettled } from './load-incident-memory.ts';
import { readCauseWords } from './read-cause-words.ts';
import { StoredAlerts } from './stored-alerts.ts';
import { StoredRangeKeeper } from './stored-range-keeper.ts';
import { TurnTimer } from './turn-timer.ts';

/** Batches that come within this time are worked on together, ms. */
const GATHER_MS = 250;
/** Least rest between two turns, ms; a turn that took long is followed by a longer rest. */
const REST_MS = 1_000;
const REST_PER_TURN = 2;
/** An account that took long to read again is not read again for this many times as long. */
const REST_PER_REREAD = 10;
/** In a hurry, accounts that are out of date again at once are read again at most this many times. */
const MAX_REREADS = 3;
/** What failed is tried again after this time, ms. */
const RETRY_MS = 1_000;

/** What the thread does, apart from how it is called. */
export class IncidentThread {
  readonly #store: ThreadStore;
  readonly #engine: Remote<IncidentListener>;
  readonly #texts: RuleTextCache;
  readonly #range: StoredRangeKeeper;
  readonly #filler: GapFiller;
  readonly #garbage = new GarbageCollection();
  readonly #book = new IncidentBook();
  readonly #alerts = new AlertJudge({
    storedOf: (id) => this.#book.get(id),
    readWords: (wanted) =>
      this.#insist(() =>
        readCauseWords(wanted, { store: this.#store, texts: this.#texts, now: this.#now() }),
      ),
  });
  readonly #memory = new IncidentMemory({
    options: INCIDENT_OPTIONS,
    isName: (id) => this.#book.isFounder(id) || this.#alerts.isAbout(idOfFounder(id)),
    thresholdOf: (record) => alertThreshold(record, this.#context.alerts),
  });
  readonly #ending = new AbortController();
  #context: IncidentContext = {
    pushesSince: {},
    accounts: [],
    alerts: {},
    mute: NO_MUTE_INTERVALS,
  };
  readonly #stored = new StoredAlerts();
  #settled = '';
  /** The difference between the engine's clock and this thread's, ms. */
  #ahead = 0;
  /** What came while breaks were loaded, or before the last grouping was folded; undefined otherwise. */
  #early: (() => void)[] | undefined = [];
  #number = 0;
  readonly #timer = new TurnTimer(() => this.#unlessEnded(this.#turn()));
  /** Before this moment no account is read from the store again, unless there is a hurry. */
  #rereadAfter = 0;
  #rereads = 0;
  #hurry = false;
  #busy = false;
  /** Something came during the turn. */
  #again = false;

  /** @param quietMs - how long no late break must have come before those that came are grouped */
  constructor(store: ThreadStore, engine: Remote<IncidentListener>, quietMs?: number) {
    this.#store = store;
    this.#engine = engine;
    this.#texts = new RuleTextCache(store);
    this.#range = new StoredRangeKeeper(store);
    this.#filler = new GapFiller(this.#range, quietMs);
  }

  readonly operations: IncidentOperations = {
    begin: ({ context, number, now }) => {
      this.#setClock(now);
      if (context) {
        this.#setContext(context);
      }
      this.#number = number;
      this.#unlessEnded(this.#load());
    },
    takeBatch: ({ number, records, old = [], removed, pushes, late }, now) => {
      this.#setClock(now);
      this.#onceLoaded(() => {
        this.#number = Math.max(this.#number, number);
        if (late) {
          this.#filler.wait();
          this.#unlessEnded(this.#insist(() => this.#range.addLate(late)));
          this.#plan(this.#filler.dueIn ?? 0);
        }
        // An import brings many batches of old breaks; a turn for each would find the same incidents.
        const needed = this.#memory.needed(old, this.#now());
        if (this.#memory.take([...needed, ...records], removed, pushes, this.#now())) {
          this.#again = true;
          this.#plan(GATHER_MS);
        }
      });
    },
    setContext: (context, now) => {
      this.#setClock(now);
      this.#onceLoaded(() => {
        this.#setContext(context);
        this.#again = true;
        this.#plan(GATHER_MS);
      });
    },
    hurry: () => {
      this.#onceLoaded(() => {
        this.#hurry = true;
        this.#again = true;
        this.#plan(0);
      });
    },
  };

  /** Stops between two steps. What is not stored is computed again by the next run. */
  async end(): Promise<void> {
    this.#ending.abort();
    this.#timer.stop();
    await this.#store.close();
  }

  #setClock(now: number): void {
    this.#ahead = now - Date.now();
  }

  #now(): number {
    return Date.now() + this.#ahead;
  }

  #setContext(context: IncidentContext): void {
    if (JSON.stringify(context.alerts) !== JSON.stringify(this.#context.alerts)) {
      // Totals count breaks as the alerts of the rules do.
      this.#memory.markStale();
    }
    this.#context = context;
    this.#memory.knowPushesSince(context.pushesSince);
  }

  #onceLoaded(work: () => void): void {
    if (this.#early) {
      this.#early.push(work);
    } else {
      work();
    }
  }

  async #load(): Promise<void> {
    const { incidents, alerts } = await this.#insist(() =>
      loadIncidents(this.#store, this.#memory, this.#now()),
    );
    await this.#insist(() => this.#range.load(this.#now()));
    this.#settled = JSON.stringify(this.#memory.settled);
    this.#book.load(incidents);
    this.#alerts.load(alerts);
    await this.#insist(() => {
      const now = this.#now();
      this.#memory.resetAll();
      return loadBreaks(this.#store, this.#memory, { from: neededFrom(incidents, now) }, now);
    });
    this.#stored.load(alerts);
    await this.#tellAlerts(alerts);
    this.#engine.notify('loaded');
    this.#takeEarly();
    this.#plan(0);
  }

  #takeEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const work of early) {
      work();
    }
  }

  /** Reads accounts again whose folded breaks are out of date: seldom, as that can take long. */
  async #reread(hurry: boolean): Promise<void> {
    if (!hurry && performance.now() < this.#rereadAfter) {
      return;
    }
    for (const stale of this.#memory.stale) {
      const begun = performance.now();
      // A batch that comes while a page is read is newer than the page, so it is taken after it.
      this.#early = [];
      await this.#insist(() => {
        this.#memory.reset(stale.account);
        return loadBreaks(this.#store, this.#memory, stale, this.#now());
      });
      this.#takeEarly();
      const end = performance.now();
      this.#rereadAfter = end + (end - begun) * REST_PER_REREAD;
      this.#rereads += 1;
    }
  }

  /** Tries until it works. @throws an abort error when the thread ends */
  async #insist<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#ending;
    for (;;) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (thrown) {
        signal.throwIfAborted();
        this.#engine.notify('failed', carry(asBreakwatchError(thrown)));
        await wait(RETRY_MS, undefined, { signal });
      }
    }
  }

  /** An error of work stops the thread, which is then replaced. */
  #unlessEnded(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      if (!this.#ending.signal.aborted) {
        throw thrown;
      }
    });
  }

  /** Plans the next turn: after this time at the latest, but not before the rest is over. */
  #plan(afterMs: number): void {
    if (!this.#early && !this.#busy && !this.#ending.signal.aborted) {
      this.#timer.plan(afterMs, this.#hurry);
    }
  }

  async #turn(): Promise<void> {
    this.#busy = true;
    this.#again = false;
    const hurry = this.#hurry;
    this.#hurry = false;
    await this.#reread(hurry);
    let begun = performance.now();
    let number = this.#number;
    let grouped = this.#memory.recluster(this.#now());
    for (let tries = 0; hurry && this.#memory.stale.length > 0 && tries < MAX_REREADS; tries++) {
      await this.#reread(hurry);
      begun = performance.now();
      number = this.#number;
      grouped = this.#memory.recluster(this.#now());
    }
    // What comes now is taken when this grouping is folded: a change would put the folding off.
    this.#early = [];
    const { at, incidents: found, wakeAt } = grouped;
    const { incidents, changed } = this.#book.turn(found, at);
    const live = this.#memory.livePushes(at);
    const outcome = await this.#alerts.judge({
      incidents,
      forewarnings: findForewarnings(live, at),
      context: this.#context,
      now: at,
    });
    const judgedAt = performance.now();
    const turnMs = judgedAt - begun;
    await this.#storeTurn(changed, outcome);
    const foldMs = this.#fold();
    this.#timer.restUntil(judgedAt + Math.max(REST_MS, (turnMs + foldMs) * REST_PER_TURN));
    await this.#storeSettled();
    await this.#insist(() => this.#range.grouped(at));
    this.#engine.notify('turned', {
      number,
      figures: {
        ...this.#memory.size,
        incidents: incidents.length,
        turnMs,
        foldMs,
        rereads: this.#rereads,
      },
    });
    // Nobody waits now. In a turn, notices would wait for it.
    this.#garbage.collectIfGrown();
    this.#takeEarly();
    await this.#fillGap();
    this.#busy = false;
    if (this.#again) {
      this.#plan(GATHER_MS);
    }
    const wakes = [wakeAt, outcome.wakeAt, nextForewarning(live, at)];
    if (this.#memory.stale.length > 0) {
      this.#plan(Math.max(GATHER_MS, this.#rereadAfter - performance.now()));
    }
    const dueIn = this.#filler.dueIn;
    if (dueIn !== null) {
      this.#plan(Math.max(GATHER_MS, dueIn));
    }
    const next = Math.min(...wakes.map((moment) => moment ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(next)) {
      this.#plan(Math.max(0, next - this.#now()));
    }
  }

  /** Groups breaks that came too late, when no more of them come. */
  async #fillGap(): Promise<void> {
    const sources = {
      store: this.#store,
      pushesSince: (account: string) => this.#context.pushesSince[account] ?? null,
      isHeld: (id: string) => this.#book.get(id) !== undefined,
      now: this.#now(),
    };
    await this.#insist(() =>
      this.#filler.fill(sources, (changed) => this.#put(changed.map(documentOfIncident))),
    );
  }

  /** @returns how long it took, ms */
  #fold(): number {
    const begun = performance.now();
    this.#memory.fold();
    return performance.now() - begun;
  }

  /**
   * Stores the result of a turn. The outbox gets its notices before the alerts are stored as sent: a
   * crash between the two sends a notice again with the same id, which the outbox drops. The other
   * order could lose it.
   */
  async #storeTurn(changed: readonly StoredIncident[], outcome: AlertOutcome): Promise<void> {
    const { instances, notices } = outcome;
    await this.#put(changed.map(documentOfIncident));
    const { changed: alerts, documents, forgotten } = this.#stored.change(instances);
    await this.#tellAlerts(alerts);
    await this.#insist(() => this.#engine.call('handOver', { notices, forgotten }));
    await this.#put(documents);
  }

  async #storeSettled(): Promise<void> {
    const { settled } = this.#memory;
    const text = JSON.stringify(settled);
    if (text !== this.#settled) {
      await this.#insist(() => storeSettled(this.#store, settled));
      this.#settled = text;
    }
  }

  #put(documents: readonly DocumentText[]): Promise<void> {
    return inPieces(
      documents,
      (piece) => this.#insist(() => this.#store.putDocuments(piece)),
      this.#ending.signal,
    );
  }

  #tellAlerts(alerts: readonly AlertInstance[]): Promise<void> {
    return inPieces(
      alerts,
      async (piece) => this.#engine.notify('alertsChanged', piece),
      this.#ending.signal,
    );
  }
}

function setUp(data: IncidentThreadData, engine: Remote<IncidentListener>): ThreadWork {
  lowerPriority();
  const thread = new IncidentThread(openThreadStore(data.store), engine);
  return { operations: { ...thread.operations }, end: () => thread.end() };
}

runThread(setUp);
