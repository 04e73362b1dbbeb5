import { Counter, Gauge, type Registry } from 'prom-client';
import type { EngineHooks } from '../engine/engine.ts';

/**
 * Adds the metrics of queries that are held back to a registry.
 *
 * @returns called by the engine while callbacks wait
 */
export function createHoldingMetrics(registry: Registry): EngineHooks['heldBack'] {
  const registers = [registry];
  const share = new Gauge({
    name: 'breakwatch_query_rest_ratio',
    help: 'Part of their time that queries rest because callbacks wait, 0 to 0.9.',
    registers,
  });
  const seconds = new Counter({
    name: 'breakwatch_query_rest_seconds_total',
    help: 'How long query threads have rested because callbacks waited.',
    registers,
  });
  return (held) => {
    share.set(held.share);
    seconds.inc(held.restedMs / 1_000);
  };
}
