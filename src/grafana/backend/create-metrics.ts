import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineHooks } from '../../engine/engine.ts';

/** What this process counts; Grafana shows it at /metrics/plugins/<id>. */
export interface Metrics {
  /** Counts one call of Grafana. `seconds` is how long it took. */
  called(method: string, result: 'ok' | 'failed' | 'cancelled', seconds: number): void;
  /** Counts the bytes of one frame. */
  framed(bytes: number): void;
  /** For embedded engines. */
  hooks: Pick<EngineHooks, 'journalled' | 'polled' | 'derived'>;
  /** All in Prometheus' text format. */
  text(): Promise<string>;
}

/**
 * Makes the counters of this process.
 *
 * @param open - tells how many data sources are open in a mode
 */
export function createMetrics(open: (mode: 'remote' | 'embedded') => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: 'breakwatch_plugin_calls_total',
    help: 'Calls of Grafana by method and result.',
    labelNames: ['method', 'result'],
    registers,
  });
  const seconds = new Histogram({
    name: 'breakwatch_plugin_call_seconds',
    help: 'How long calls of Grafana took.',
    labelNames: ['method'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers,
  });
  const frameBytes = new Counter({
    name: 'breakwatch_plugin_frame_bytes_total',
    help: 'Bytes of all frames answered.',
    registers,
  });
  new Gauge({
    name: 'breakwatch_plugin_datasources',
    help: 'Data sources that are open, by mode.',
    labelNames: ['mode'],
    registers,
    collect() {
      this.set({ mode: 'remote' }, open('remote'));
      this.set({ mode: 'embedded' }, open('embedded'));
    },
  });
  const journal = new Counter({
    name: 'breakwatch_journal_entries_total',
    help: 'Entries that came to the journal, and those it had already.',
    labelNames: ['account', 'source', 'result'],
    registers,
  });
  const polls = new Counter({
    name: 'breakwatch_polls_total',
    help: 'Polls of the CSS API by result: ok, or the code of the error.',
    labelNames: ['account', 'result'],
    registers,
  });
  const derived = new Counter({
    name: 'breakwatch_derived_entries_total',
    help: 'Journal entries turned into breaks.',
    registers,
  });
  const deriveFailures = new Counter({
    name: 'breakwatch_derive_failures_total',
    help: 'Batches that could not be turned into breaks and are tried again.',
    registers,
  });
  return {
    called(method, result, took) {
      calls.inc({ method, result });
      seconds.observe({ method }, took);
    },
    framed: (bytes) => frameBytes.inc(bytes),
    hooks: {
      journalled(account, source, appended, duplicates) {
        journal.inc({ account, source, result: 'new' }, appended);
        journal.inc({ account, source, result: 'duplicate' }, duplicates);
      },
      polled: (account, _durationMs, error) => polls.inc({ account, result: error?.code ?? 'ok' }),
      derived(entries, _durationMs, error) {
        derived.inc(entries);
        if (error) {
          deriveFailures.inc();
        }
      },
    },
    text: () => registry.metrics(),
  };
}
