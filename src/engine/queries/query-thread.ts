/**
 * A query thread: it reads, groups and encodes the answers to queries, so that no query delays a callback. It
 * has a read-only connection of its own.
 *
 * @module
 */
import type { AlertInstance } from '../../model/alert.ts';
import type { QueryRequest } from '../../model/query.ts';
import { answerQueries } from '../../queries/answer-query.ts';
import { RuleTextCache } from '../../queries/cause-texts.ts';
import { encodeResponse } from '../../queries/encode-response.ts';
import { checkCoverage } from '../../queries/grafana/check-coverage.ts';
import { gzipUnlessShort, type Pieces } from '../../queries/gzip-pieces.ts';
import { QueryBudget } from '../../queries/query-budget.ts';
import type { QueryContext } from '../../queries/query-context.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { openQueryStore } from '../../store/open-thread-store.ts';
import { type Remote, Transferred } from '../../threads/channel.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import type {
  AnswerPiece,
  AnswerStart,
  QueryInput,
  QueryOperations,
  QueryThreadData,
  QueryThreadListener,
} from './query-workers.ts';

/** Stops a request when its caller has left, or when its time is over. */
class Stop {
  readonly #isCancelled: Int32Array;
  readonly #milliseconds: number;
  readonly #deadline: number;

  constructor(isCancelled: Int32Array, milliseconds: number) {
    this.#isCancelled = isCancelled;
    this.#milliseconds = milliseconds;
    this.#deadline = performance.now() + milliseconds;
  }

  /** @throws when the request must stop */
  throwIfAborted(): void {
    if (Atomics.load(this.#isCancelled, 0) !== 0) {
      throw new Error('The caller has left.');
    }
    if (performance.now() > this.#deadline) {
      throw maskedError('QUERY_TOO_SLOW', { seconds: this.#milliseconds / 1_000 });
    }
  }
}

function setUp(data: QueryThreadData, engine: Remote<QueryThreadListener>): ThreadWork {
  lowerPriority();
  const { limits } = data;
  let current: Stop | undefined;
  const store = openQueryStore(data.store, () => current?.throwIfAborted());
  const texts = new RuleTextCache(store);
  const alerts = new Map<string, AlertInstance>();
  const open = new Map<number, Pieces>();
  // Unlike those of an earlier thread, whose answers are lost.
  let lastId = Date.now() * 1_000;

  function contextOf(
    { now, pushesSince, coverage, resolvedSince }: QueryInput,
    budget: QueryBudget,
  ) {
    return {
      store,
      texts,
      lookup: {
        diagnoseReason: (reason) => engine.call('diagnoseReason', reason),
        entriesOf: (text) => engine.call('entriesOf', text),
      },
      now: () => now,
      budget,
      pushesSince: (account) => pushesSince[account] ?? null,
      coverage: () => coverage,
      alerts: async () => ({
        instances: [...alerts.values()],
        accounts: coverage.map(({ account, state }) => ({ account, blind: state === 'blind' })),
        resolvedSince,
      }),
    } satisfies QueryContext;
  }

  /** Reads the next piece of an answer. An answer whose last piece was read is forgotten. */
  function read(id: number): AnswerPiece {
    const pieces = open.get(id);
    if (!pieces) {
      throw new Error('the rest of the answer is lost');
    }
    let isLast = true;
    try {
      const { value, done = false } = pieces.next();
      isLast = done;
      return { bytes: value, isLast };
    } finally {
      if (isLast) {
        open.delete(id);
      }
    }
  }

  const operations: QueryOperations = {
    async start(request: QueryRequest, input: QueryInput, isCancelled: Int32Array) {
      const budget = new QueryBudget(limits);
      current = new Stop(isCancelled, limits.milliseconds);
      try {
        if (input.format === 'alert-frames') {
          for (const query of request.queries) {
            checkCoverage(query, input.coverage);
          }
        }
        const response = await answerQueries(request, contextOf(input, budget), current);
        lastId += 1;
        const id = lastId;
        const encoded = encodeResponse(response, limits.bytes, input.format);
        const { pieces, isGzip } = input.gzip
          ? gzipUnlessShort(encoded)
          : { pieces: encoded, isGzip: false };
        open.set(id, pieces);
        const first = read(id);
        const errors = Object.fromEntries(
          Object.entries(response.results).flatMap(([refId, answer]) =>
            'error' in answer ? [[refId, answer.error.code]] : [],
          ),
        );
        const started: AnswerStart = { id, first, isGzip, errors, estimatedBytes: budget.bytes };
        return transfer(started, first);
      } finally {
        current = undefined;
      }
    },
    next(id) {
      const piece = read(id);
      return transfer(piece, piece);
    },
    drop: (id) => void open.delete(id),
    setAlerts(changed, removed) {
      for (const id of removed) {
        alerts.delete(id);
      }
      for (const alert of changed) {
        alerts.set(alert.id, alert);
      }
    },
  };
  return { operations: { ...operations }, end: () => store.close() };
}

function transfer<T>(value: T, { bytes }: AnswerPiece): Transferred<T> {
  return new Transferred(value, [bytes.buffer]);
}

runThread(setUp);
