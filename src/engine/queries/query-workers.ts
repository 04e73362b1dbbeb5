import type { AlertInstance } from '../../model/alert.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import type { AccountHealth } from '../../model/health.ts';
import type { QueryRequest, QueryResponse } from '../../model/query.ts';
import type { AnswerFormat } from '../../queries/encode-response.ts';
import type { LookupSource } from '../../queries/lookup.ts';
import { QUERY_LIMITS, type QueryLimits } from '../../queries/query-budget.ts';
import { lookUp } from '../../reasons/lookup-code.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { StoreShare } from '../../store/store.ts';
import type { Transferred } from '../../threads/channel.ts';
import { startThread, type Thread } from '../../threads/start-thread.ts';
import { createQueryGate } from './query-gate.ts';

/** What a query thread starts with. */
export interface QueryThreadData {
  store: StoreShare;
  limits: QueryLimits;
}

/** How an answer becomes bytes. */
export interface AnswerEncoding {
  format: AnswerFormat;
  /** Whether the answer may be compressed; a short one never is. */
  gzip: boolean;
}

/** What queries need from the engine, as plain data. */
export interface QueryInput extends AnswerEncoding {
  /** Epoch ms UTC. */
  now: number;
  /** See `QueryContext.pushesSince`, by account. */
  pushesSince: Readonly<Record<string, number | null>>;
  coverage: readonly AccountHealth[];
  /** See `AlertSnapshot.resolvedSince`. */
  resolvedSince: number;
}

/** A part of an answer. */
export interface AnswerPiece {
  bytes: Uint8Array<ArrayBuffer>;
  isLast: boolean;
}

/** The begin of an answer. */
export interface AnswerStart {
  id: number;
  first: AnswerPiece;
  isGzip: boolean;
  /** Error codes of failed queries by refId. */
  errors: Record<string, string>;
  /** Size of the answer in memory, roughly. */
  estimatedBytes: number;
}

/** What a query thread does when it is called. */
export interface QueryOperations {
  /**
   * Answers a request and returns the first piece.
   *
   * @param isCancelled - shared memory; the work stops when its first number is not 0
   */
  start(
    request: QueryRequest,
    input: QueryInput,
    isCancelled: Int32Array,
  ): Promise<Transferred<AnswerStart>>;
  next(id: number): Transferred<AnswerPiece>;
  drop(id: number): void;
  setAlerts(changed: readonly AlertInstance[], removed: readonly string[]): void;
}

/** What a query thread calls on the engine's side. */
export interface QueryThreadListener {
  diagnoseReason: LookupSource['diagnoseReason'];
  entriesOf: Required<LookupSource>['entriesOf'];
}

/** An answer as JSON, in pieces. */
export interface EncodedAnswer {
  /** Error codes of failed queries by refId. */
  errors: Readonly<Record<string, string>>;
  /** Whether the pieces are compressed with gzip. */
  isGzip: boolean;
  /** Whether the first piece is the whole answer. */
  isOnePiece: boolean;
  /** JSON in UTF-8. Throws when the rest cannot be sent; then the answer must not end as if it was whole. */
  pieces: AsyncIterable<Uint8Array>;
}

/**
 * Reads a whole answer that is not compressed.
 *
 * @throws the error of a piece
 */
export async function readAnswer({ pieces }: EncodedAnswer): Promise<QueryResponse> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) {
    found.push(piece);
  }
  return JSON.parse(Buffer.concat(found).toString('utf8')) as QueryResponse;
}

/** What query workers need. */
export interface QueryWorkersOptions {
  store: StoreShare;
  lookup: LookupSource;
  /** All stored alerts. An alert that changed must be a new object. */
  alerts: () => readonly AlertInstance[];
  limits?: Partial<QueryLimits> | undefined;
  /** Called when a thread stops unexpectedly; it is replaced. */
  onError: (error: BreakwatchError) => void;
}

/** Answers queries on threads of their own. */
export interface QueryWorkers {
  /**
   * Answers a request when a thread is free.
   *
   * @param signal - stops the work when it aborts
   * @throws `SERVER_BUSY`, `QUERY_TOO_LARGE`, `QUERY_TOO_SLOW`, the signal's reason
   */
  answer(request: QueryRequest, input: QueryInput, signal?: AbortSignal): Promise<EncodedAnswer>;
  /** Refuses waiting requests and ends the threads. */
  close(): Promise<void>;
}

/** One thread computes while the other one serves short requests. */
const THREADS = 2;
/** Answers that are being sent may have this size on one thread; then it gets no new request. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** A client that reads nothing for this time, ms, loses the rest of its answer. */
const STALLED_MS = 15_000;
/** Alerts sent to a thread at a time, so that copying them never delays a callback. */
const ALERTS_PER_STEP = 100;

/** Starts threads for queries, each when it is needed first. */
export function startQueryWorkers(options: QueryWorkersOptions): QueryWorkers {
  const slots = Array.from({ length: THREADS }, (_one, index) => new Slot(options, index + 1));
  const gate = createQueryGate({ atOnce: THREADS });

  return {
    answer: (request, input, signal) =>
      gate.run(async () => {
        const slot = slots.find((one) => one.isFree);
        if (!slot) {
          throw maskedError('SERVER_BUSY', { waiting: 0 });
        }
        return slot.answer(request, input, signal);
      }, signal),
    async close() {
      gate.close();
      await Promise.all(slots.map((slot) => slot.end()));
    },
  };
}

/** One thread and what it works on. */
class Slot {
  readonly #options: QueryWorkersOptions;
  readonly #number: number;
  #thread: Thread<QueryOperations> | undefined;
  /** Settles when the thread has started, or has stopped. */
  #ready = Promise.withResolvers<void>();
  #isComputing = false;
  /** The thread has stopped, and its replacement has not started. */
  #isDown = false;
  /** Size of the answers that are being sent. */
  #held = 0;
  /** The alerts that the thread has, by id. */
  #sentAlerts = new Map<string, AlertInstance>();

  constructor(options: QueryWorkersOptions, number: number) {
    this.#renewReady();
    this.#options = options;
    this.#number = number;
  }

  get isFree(): boolean {
    return !this.#isComputing && !this.#isDown && this.#held <= MAX_HELD_BYTES;
  }

  async answer(
    request: QueryRequest,
    input: QueryInput,
    signal: AbortSignal | undefined,
  ): Promise<EncodedAnswer> {
    this.#isComputing = true;
    const isCancelled = new Int32Array(new SharedArrayBuffer(4));
    const cancel = () => Atomics.store(isCancelled, 0, 1);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      this.#thread ??= this.#start();
      const thread = this.#thread;
      await this.#ready.promise;
      if (request.queries.some(({ queryType }) => queryType === 'alerts')) {
        await this.#sendAlerts(thread);
      }
      signal?.throwIfAborted();
      const { id, first, isGzip, errors, estimatedBytes } = await thread.call(
        'start',
        request,
        input,
        isCancelled,
      );
      const pieces = this.#piecesOf(thread, id, first, estimatedBytes);
      return { errors, isGzip, isOnePiece: first.isLast, pieces };
    } catch (thrown) {
      signal?.throwIfAborted();
      throw thrown;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#isComputing = false;
    }
  }

  async end(): Promise<void> {
    await this.#thread?.end();
    this.#ready.reject(maskedError('INTERNAL', { problem: 'the engine is closed' }));
  }

  #start(): Thread<QueryOperations> {
    const { store, lookup, limits, onError } = this.#options;
    const listener: QueryThreadListener = {
      diagnoseReason: (reason) => lookup.diagnoseReason(reason),
      entriesOf: async (text) => lookup.entriesOf?.(text) ?? lookUp(text),
    };
    return startThread<QueryOperations>({
      url: new URL('./query-thread.ts', import.meta.url),
      name: `queries-${this.#number}`,
      data: (): QueryThreadData => ({
        store,
        limits: { ...QUERY_LIMITS, ...limits },
      }),
      operations: { ...listener },
      errorCode: 'INTERNAL',
      // An answer within its limits fits. A thread that needs more is replaced; the server stays up.
      resourceLimits: { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 768 },
      retryFirstStart: true,
      terminateAfterMs: 2_000,
      onReady: () => {
        this.#isDown = false;
        this.#ready.resolve();
      },
      onStop: (error) => {
        this.#isDown = true;
        this.#ready.reject(error);
        this.#renewReady();
        this.#held = 0;
        this.#sentAlerts = new Map();
        onError(error);
      },
    });
  }

  #renewReady(): void {
    this.#ready = Promise.withResolvers();
    // It may fail when nothing waits for it.
    this.#ready.promise.catch(() => undefined);
  }

  /** Sends the alerts that changed since the thread got them. */
  async #sendAlerts(thread: Thread<QueryOperations>): Promise<void> {
    const alerts = new Map(this.#options.alerts().map((alert) => [alert.id, alert]));
    const changed = [...alerts.values()].filter(
      (alert) => this.#sentAlerts.get(alert.id) !== alert,
    );
    const removed = [...this.#sentAlerts.keys()].filter((id) => !alerts.has(id));
    this.#sentAlerts = alerts;
    if (removed.length > 0) {
      thread.notify('setAlerts', [], removed);
    }
    for (let from = 0; from < changed.length; from += ALERTS_PER_STEP) {
      thread.notify('setAlerts', changed.slice(from, from + ALERTS_PER_STEP), []);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #piecesOf(
    thread: Thread<QueryOperations>,
    id: number,
    first: AnswerPiece,
    size: number,
  ): AsyncGenerator<Uint8Array> {
    if (first.isLast) {
      return onlyPiece(first.bytes);
    }
    let isHeld = true;
    this.#held += size;
    const release = () => {
      clearTimeout(timer);
      if (isHeld) {
        isHeld = false;
        this.#held = Math.max(0, this.#held - size);
        thread.notify('drop', id);
      }
    };
    // Also ends an answer that is never read, because its caller left in between.
    const timer = setTimeout(release, STALLED_MS);
    timer.unref();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      try {
        for (let piece = first; ; piece = await thread.call('next', id)) {
          yield piece.bytes;
          if (piece.isLast) {
            return;
          }
          if (!isHeld) {
            throw maskedError('QUERY_TOO_SLOW', { seconds: STALLED_MS / 1_000 });
          }
          timer.refresh();
        }
      } finally {
        release();
      }
    }
    return pieces();
  }
}

async function* onlyPiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
