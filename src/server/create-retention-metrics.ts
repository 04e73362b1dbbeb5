import { Counter, Gauge, type Registry } from 'prom-client';
import type { RetentionHooks } from '../engine/retention.ts';
import type { RetentionHealth } from '../model/health.ts';

/** Metrics of retention. */
export interface RetentionMetrics {
  /** Called by the engine. */
  hooks: RetentionHooks;
  /** Sets the gauges. */
  read(health: RetentionHealth | undefined): void;
}

/** Adds the metrics of retention to a registry. */
export function createRetentionMetrics(registry: Registry): RetentionMetrics {
  const registers = [registry];
  const purged = new Counter({
    name: 'breakwatch_purged_rows_total',
    help: 'Deleted rows that were older than the retention.',
    labelNames: ['what'],
    registers,
  });
  const errors = new Counter({
    name: 'breakwatch_purge_errors_total',
    help: 'Failed purges, which are tried again, by error code.',
    labelNames: ['code'],
    registers,
  });
  const tooOld = new Counter({
    name: 'breakwatch_too_old_total',
    help: 'Arrivals left out because their time is no longer kept.',
    labelNames: ['account', 'source'],
    registers,
  });
  const inFuture = new Counter({
    name: 'breakwatch_in_future_total',
    help: 'Arrivals left out because their time is more than a day in the future.',
    labelNames: ['account', 'source'],
    registers,
  });
  const oldest = new Gauge({
    name: 'breakwatch_oldest_break_timestamp_seconds',
    help: 'When the oldest break in the store ended; absent when there is none.',
    labelNames: [],
    registers,
  });
  const keptFrom = new Gauge({
    name: 'breakwatch_kept_from_timestamp_seconds',
    help: 'Start of the time that is kept; absent when nothing is deleted.',
    registers,
  });
  const set = (gauge: Gauge, at: number | null | undefined) => {
    if (at === null || at === undefined) {
      gauge.remove();
    } else {
      gauge.set(at / 1_000);
    }
  };
  // A gauge without labels starts at 0, which would mean 1970.
  set(oldest, null);
  set(keptFrom, null);
  return {
    hooks: {
      purged(taken) {
        for (const [what, rows] of Object.entries(taken)) {
          purged.inc({ what }, rows);
        }
      },
      purgeFailed: ({ code }) => errors.inc({ code }),
      tooOld: (account, source, count) => tooOld.inc({ account, source }, count),
      inFuture: (account, source, count) => inFuture.inc({ account, source }, count),
    },
    read(health) {
      set(oldest, health?.oldest);
      set(keptFrom, health?.keptFrom);
    },
  };
}
