import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EngineHooks } from '../engine/engine.ts';

/**
 * Adds the metrics of the incident thread to a registry.
 *
 * @returns called by the engine after each turn of the thread
 */
export function createIncidentMetrics(registry: Registry): EngineHooks['grouped'] {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'breakwatch_incident_turn_seconds',
    help: 'Time to group breaks into incidents and judge their alerts.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const foldSeconds = new Histogram({
    name: 'breakwatch_incident_fold_seconds',
    help: 'Time to fold what a turn settled, after its notices were handed over.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const held = new Gauge({
    name: 'breakwatch_incident_held',
    help: 'What current incidents hold in memory: breaks, pushes, streams, incidents.',
    labelNames: ['what'],
    registers,
  });
  const rereads = new Counter({
    name: 'breakwatch_incident_rereads_total',
    help: 'Accounts whose incidents were computed again from the store.',
    registers,
  });
  let before = 0;
  return ({ records, pushes, streams, incidents, rereads: all, turnMs, foldMs }) => {
    seconds.observe(turnMs / 1_000);
    foldSeconds.observe(foldMs / 1_000);
    for (const [what, count] of Object.entries({ breaks: records, pushes, streams, incidents })) {
      held.set({ what }, count);
    }
    // A thread that was replaced counts from 0 again.
    rereads.inc(all >= before ? all - before : all);
    before = all;
  };
}
