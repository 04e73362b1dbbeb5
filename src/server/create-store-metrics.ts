import { Gauge, type Registry } from 'prom-client';
import type { EngineHealth } from '../model/health.ts';

/** Adds the metrics of the store to a registry. Call the result to set them. */
export function createStoreMetrics(
  registry: Registry,
): (health: Pick<EngineHealth, 'store' | 'deriving'>) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `breakwatch_${name}`, help, labelNames, registers });
  const breaks = gauge('stored_breaks', 'Breaks in the store.');
  const journal = gauge('stored_journal_entries', 'Journal entries in the store.');
  const behind = gauge(
    'derive_behind_entries',
    'Journal entries from which no breaks are derived yet.',
  );
  const connections = gauge(
    'database_connections',
    'Connections of the main thread to PostgreSQL (busy, idle), and calls that wait for one (waiting).',
    ['state'],
  );
  const max = gauge(
    'database_connections_max',
    'Connections to PostgreSQL that the main thread opens at most; absent with SQLite.',
  );
  // A gauge without labels starts at 0, which would mean that there is no room for one.
  max.remove();
  return ({ store, deriving }) => {
    breaks.set(store.breaks);
    journal.set(store.journal);
    behind.set(deriving?.behind ?? 0);
    if (store.connections) {
      const { open, idle, waiting } = store.connections;
      connections.set({ state: 'busy' }, open - idle);
      connections.set({ state: 'idle' }, idle);
      connections.set({ state: 'waiting' }, waiting);
      max.set(store.connections.max);
    }
  };
}
