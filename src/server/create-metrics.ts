import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricConfiguration,
  Registry,
} from 'prom-client';
import type { CallbackType, Engine, EngineHooks } from '../engine/engine.ts';
import type { BreakRecord } from '../model/break.ts';
import type { EngineHealth } from '../model/health.ts';
import type { AlertOutbox, OutboxHooks } from '../model/notice.ts';
import type { QueryRequest } from '../model/query.ts';
import type { ConnectionHooks } from './connection-limit.ts';
import { createAccountMetrics } from './create-account-metrics.ts';
import { createAlertMetrics } from './create-alert-metrics.ts';
import { createIncidentMetrics } from './create-incident-metrics.ts';
import { createRetentionMetrics } from './create-retention-metrics.ts';
import { createStoreMetrics } from './create-store-metrics.ts';

/** Ids kept so that a changed break is not counted again; a break older than these can be. */
const IDS_REMEMBERED = 100_000;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Callbacks by their event_type. */
const TYPE_NAMES: Record<CallbackType, string> = {
  0: 'interruption',
  1: 'push',
  100: 'recording',
  200: 'screenshot',
  314: 'relay',
  315: 'audio_moderation',
  317: 'image_moderation',
  321: 'push_exception',
  332: 'recording_status',
  341: 'recording_exception',
  343: 'quality_check',
};

/** All counters and gauges of one process, in one registry. */
export interface Metrics {
  /** Called by the engine. */
  hooks: EngineHooks;
  /** Called by the outbox. */
  outboxHooks: OutboxHooks;
  /** Counts a callback that was answered 200. */
  callbackAccepted(account: string, duplicate: boolean, eventType: CallbackType): void;
  /** Counts a callback that was refused. */
  callbackRefused(account: string, code: string): void;
  /** Counts a break when it is stored first. */
  breakSeen(record: BreakRecord): void;
  /**
   * Measures one query request and counts the errors in its answer.
   *
   * @param errors - error codes by refId
   */
  queried(request: QueryRequest, errors: Readonly<Record<string, string>>, seconds: number): void;
  /** Counts an error answer. */
  errorAnswered(code: string): void;
  /** Called by the connections of the server. */
  connectionHooks: ConnectionHooks;
  /** Sets the maximum number of connections. */
  connectionLimit(max: number): void;
  /** Sets the number of clients of the event stream. */
  streamClients(count: number): void;
  /** Renders the Prometheus text format, with gauges from the engine's present health. */
  render(engine: Pick<Engine, 'health'>, outbox?: AlertOutbox): Promise<string>;
  contentType: string;
}

/**
 * Creates the metrics of docs/metrics.md.
 *
 * @param version - version of Breakwatch
 */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const named = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    ({
      name: `breakwatch_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [registry],
    }) satisfies MetricConfiguration<T>;

  const callbacks = new Counter(
    named('callbacks_total', 'CSS callbacks by result: accepted, duplicate or refused.', [
      'account',
      'result',
    ]),
  );
  const callbackTypes = new Counter(
    named(
      'callback_types_total',
      'CSS callbacks that were accepted or already received, by type.',
      ['account', 'type'],
    ),
  );
  const refusals = new Counter(
    named('callback_refusals_total', 'CSS callbacks that were refused, by error code.', [
      'account',
      'code',
    ]),
  );
  const journal = new Counter(
    named('journal_entries_total', 'Journal entries by source and result: appended or duplicate.', [
      'account',
      'source',
      'result',
    ]),
  );
  const breaks = new Counter(
    named('breaks_total', 'Breaks, each counted once, by their first diagnosis.', [
      'account',
      'category',
      'outcome',
    ]),
  );
  const polls = new Counter(
    named('polls_total', 'Polls of the CSS API by result: ok or error.', ['account', 'result']),
  );
  const pollErrors = new Counter(
    named('poll_errors_total', 'Failed polls of the CSS API, by error code.', ['account', 'code']),
  );
  const pollSeconds = new Histogram({
    ...named('poll_duration_seconds', 'Duration of polls of the CSS API.', ['account']),
    buckets: SECONDS,
  });
  const derivedEntries = new Counter(
    named('derived_entries_total', 'Journal entries that were turned into breaks.'),
  );
  const deriveErrors = new Counter(
    named('derive_errors_total', 'Failed batches, which are tried again, by error code.', ['code']),
  );
  const querySeconds = new Histogram({
    ...named('query_duration_seconds', 'Duration of query requests by query type, or mixed.', [
      'type',
    ]),
    buckets: SECONDS,
  });
  const queryErrors = new Counter(
    named('query_errors_total', 'Queries answered with an error, by query type and error code.', [
      'type',
      'code',
    ]),
  );
  const errors = new Counter(
    named('http_errors_total', 'Requests answered with an error, by error code.', ['code']),
  );
  const clients = new Gauge(named('stream_clients', 'Live pages on the event stream.'));
  const connections = new Gauge(named('connections', 'Open connections of the HTTP server.'));
  const connectionsMax = new Gauge(
    named('connections_max', 'Connections that the HTTP server accepts at most.'),
  );
  const connectionsClosed = new Counter(
    named(
      'connections_closed_total',
      'Connections that were closed to make room for others (idle), or not accepted (limit).',
      ['reason'],
    ),
  );
  const up = new Gauge(named('up', '1 when the engine could say how it is, else 0.'));
  const readAccounts = createAccountMetrics(registry);
  const ruleSet = new Gauge(named('rule_set_info', 'The rule set in force, always 1.', ['set']));
  const rules = new Gauge(named('rules', 'Rules in force.'));
  const rulesOk = new Gauge(
    named(
      'rules_ok',
      '1 when the rules in the folders are in force, 0 when they were rejected or not published.',
    ),
  );
  const readStore = createStoreMetrics(registry);
  const retention = createRetentionMetrics(registry);
  const grouped = createIncidentMetrics(registry);
  const alertsOut = createAlertMetrics(registry);
  const build = new Gauge(
    named('build_info', 'Version of Breakwatch and Node, always 1.', ['version', 'node']),
  );
  build.set({ version, node: process.versions.node }, 1);

  const seen = new Set<string>();

  function readHealth(health: EngineHealth): void {
    up.set(1);
    readAccounts(health.accounts, Date.now());
    ruleSet.reset();
    ruleSet.set({ set: health.rules.set }, 1);
    rules.set(health.rules.count);
    rulesOk.set(health.rules.error ? 0 : 1);
    readStore(health);
    retention.read(health.retention);
  }

  return {
    hooks: {
      journalled(account, source, appended, duplicates) {
        journal.inc({ account, source, result: 'appended' }, appended);
        journal.inc({ account, source, result: 'duplicate' }, duplicates);
      },
      polled(account, durationMs, error) {
        polls.inc({ account, result: error ? 'error' : 'ok' });
        pollSeconds.observe({ account }, durationMs / 1_000);
        if (error) {
          pollErrors.inc({ account, code: error.code });
        }
      },
      derived(entries, _durationMs, error) {
        derivedEntries.inc(entries);
        if (error) {
          deriveErrors.inc({ code: error.code });
        }
      },
      grouped,
      ...retention.hooks,
    },
    outboxHooks: alertsOut.hooks,
    callbackAccepted(account, duplicate, eventType) {
      callbackTypes.inc({ account, type: TYPE_NAMES[eventType] });
      callbacks.inc({ account, result: duplicate ? 'duplicate' : 'accepted' });
    },
    callbackRefused(account, code) {
      callbacks.inc({ account, result: 'refused' });
      refusals.inc({ account, code });
    },
    breakSeen({ event, verdict }) {
      if (seen.has(event.id)) {
        return;
      }
      seen.add(event.id);
      if (seen.size > IDS_REMEMBERED) {
        const [oldest] = seen;
        seen.delete(oldest as string);
      }
      const { category, outcome } = verdict;
      breaks.inc({ account: event.account, category, outcome });
    },
    queried(request, failed, seconds) {
      const types = new Set(request.queries.map((query) => query.queryType));
      const [only = 'mixed'] = types;
      querySeconds.observe({ type: types.size === 1 ? only : 'mixed' }, seconds);
      for (const { refId, queryType } of request.queries) {
        const code = Object.hasOwn(failed, refId) ? failed[refId] : undefined;
        if (code) {
          queryErrors.inc({ type: queryType, code });
        }
      }
    },
    connectionHooks: {
      open: (count) => connections.set(count),
      closed: (reason) => connectionsClosed.inc({ reason }),
    },
    connectionLimit: (max) => connectionsMax.set(max),
    errorAnswered: (code) => errors.inc({ code }),
    streamClients: (count) => clients.set(count),
    async render(engine, outbox) {
      alertsOut.read(outbox);
      try {
        readHealth(await engine.health());
      } catch {
        up.set(0);
      }
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
