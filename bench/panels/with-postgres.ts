import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '../../test/postgres/start-postgres.ts';

/** Clock ticks of /proc in a second, on every Linux of today. */
const TICKS = 100;

/** A PostgreSQL server for a benchmark. */
export interface BenchPostgres {
  /** URL of its database. */
  url: string;
  /** Runs a statement with psql. */
  sql(text: string): string;
  /** Processor time of all its processes since it started, ms. */
  cpuMs(): number;
  /** The same by what a process does; the one that appends to the journal is `journal`. */
  cpuByProcess(): Map<string, number>;
  remove(): Promise<void>;
}

/** Processor time of a process and of those that it started and that have ended, in ticks. */
function ticksOf(pid: string): { parent: string; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, which may contain spaces, is in parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const times = fields.slice(11, 15).map(Number);
    return { parent: fields[1] as string, ticks: times.reduce((sum, one) => sum + one, 0) };
  } catch {
    return undefined;
  }
}

/** Starts a server with settings of a small machine. */
export async function startBenchPostgres(): Promise<BenchPostgres> {
  const postgres = await startPostgres({
    settings: [
      ...['shared_buffers=512MB', 'effective_cache_size=4GB', 'work_mem=16MB'],
      ...['maintenance_work_mem=256MB', 'max_wal_size=4GB', 'random_page_cost=1.1'],
    ],
  });
  const [leader = ''] = readFileSync(join(postgres.socket, 'data', 'postmaster.pid'), 'utf8').split(
    '\n',
  );
  const processes = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => ({ pid, ...ticksOf(pid) }))
      .filter(({ pid, parent }) => pid === leader || parent === leader);
  const inMs = (ticks = 0) => (ticks / TICKS) * 1_000;
  const sql = (text: string) => postgres.run('psql', '-qtAc', text, 'breakwatch');
  return {
    url: `postgres://breakwatch@/breakwatch?host=${encodeURIComponent(postgres.socket)}`,
    sql,
    cpuMs: () => processes().reduce((sum, { ticks }) => sum + inMs(ticks), 0),
    cpuByProcess() {
      const names = new Map(
        sql(
          `SELECT pid, CASE WHEN strpos(query, 'WITH wanted AS') > 0 THEN 'journal' ELSE backend_type END
           FROM pg_stat_activity`,
        )
          .trim()
          .split('\n')
          .map((line) => line.split('|') as [string, string]),
      );
      const times = new Map<string, number>();
      for (const { pid, ticks } of processes()) {
        const name = names.get(pid) ?? 'others';
        times.set(name, (times.get(name) ?? 0) + inMs(ticks));
      }
      return times;
    },
    remove: () => postgres.remove(),
  };
}
