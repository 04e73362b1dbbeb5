import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AlertOutbox, OutboxHooks } from '../model/notice.ts';

/** Latencies of pages in s, up to those of a receiver that was down for hours. */
const LATENCY_SECONDS = [0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 300, 1_800, 7_200];

/** Counters and gauges of the notification channels. */
export interface AlertMetrics {
  hooks: OutboxHooks;
  /** Sets the gauges from the outbox. */
  read(outbox: AlertOutbox | undefined): void;
}

/** Adds the metrics of alerts to a registry. */
export function createAlertMetrics(registry: Registry): AlertMetrics {
  const registers = [registry];
  const sent = new Counter({
    name: 'breakwatch_notices_sent_total',
    help: 'Notices that a receiver accepted, by channel and kind.',
    labelNames: ['channel', 'kind'],
    registers,
  });
  const failed = new Counter({
    name: 'breakwatch_notice_failures_total',
    help: 'Failed attempts of a channel, by error code.',
    labelNames: ['channel', 'code'],
    registers,
  });
  const gaveUp = new Counter({
    name: 'breakwatch_notices_given_up_total',
    help: 'Notices that were given up.',
    labelNames: ['channel'],
    registers,
  });
  const waiting = new Gauge({
    name: 'breakwatch_notices_waiting',
    help: 'Notices that wait for a channel.',
    labelNames: ['channel'],
    registers,
  });
  const givenUp = new Gauge({
    name: 'breakwatch_notices_given_up',
    help: 'Notices that were given up and neither sent again nor dropped.',
    labelNames: ['channel'],
    registers,
  });
  const oldest = new Gauge({
    name: 'breakwatch_notice_oldest_seconds',
    help: 'How long the oldest waiting notice has been due; 0 when none waits.',
    labelNames: ['channel'],
    registers,
  });
  const latency = new Histogram({
    name: 'breakwatch_page_latency_seconds',
    help: "From the time an alert's condition was met until a receiver accepted its page.",
    labelNames: ['channel'],
    buckets: LATENCY_SECONDS,
    registers,
  });
  return {
    hooks: {
      sent(channel, kind, latencyMs) {
        sent.inc({ channel, kind });
        if (latencyMs !== null) {
          latency.observe({ channel }, latencyMs / 1_000);
        }
      },
      failed: (channel, code) => failed.inc({ channel, code }),
      gaveUp: (channel) => gaveUp.inc({ channel }),
    },
    read(outbox) {
      const now = Date.now();
      for (const { channel, waiting: count, givenUp: lost, oldestWaitingAt } of outbox?.status() ??
        []) {
        waiting.set({ channel }, count);
        givenUp.set({ channel }, lost);
        const since = oldestWaitingAt === null ? 0 : Math.max(0, now - oldestWaitingAt) / 1_000;
        oldest.set({ channel }, since);
      }
    },
  };
}
