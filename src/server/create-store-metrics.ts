import { Gauge, type Registry } from 'prom-client';
import type { EngineHealth } from '../model/health.ts';

/** Adds the metrics of the store to a registry. Call the result to set them. @param now - the clock, epoch ms UTC */
export function createStoreMetrics(
  registry: Registry,
  now: () => number = Date.now,
): (health: Pick<EngineHealth, 'store' | 'deriving' | 'cluster'>) => void {
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
  const oldestPartition = gauge(
    'database_oldest_partition_seconds',
    'Time since the end of the oldest month of breaks that has a partition; absent with SQLite.',
  );
  oldestPartition.remove();
  const leads = gauge(
    'leader',
    'Whether this server leads those that share its database: 1 or 0; absent with SQLite.',
  );
  const servers = gauge(
    'servers',
    'Servers that share the database, heard of within a minute; absent with SQLite.',
  );
  const clockAhead = gauge(
    'clock_ahead_seconds',
    'How far the clock of this server is ahead of the database; absent with SQLite.',
  );
  for (const one of [leads, servers, clockAhead]) {
    one.remove();
  }
  return ({ store, deriving, cluster }) => {
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
    if (store.oldestPartition !== undefined) {
      // The current month has not ended.
      oldestPartition.set(Math.max(0, now() - store.oldestPartition) / 1_000);
    }
    if (cluster) {
      leads.set(cluster.leads ? 1 : 0);
      servers.set(cluster.servers.length);
      const own = cluster.servers.find(({ name }) => name === cluster.server);
      clockAhead.set((own?.clockAheadMs ?? 0) / 1_000);
    }
  };
}
