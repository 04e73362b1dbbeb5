import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const DEBIAN = '/usr/sbin/pgbouncer';
/** Debian's package of PostgreSQL makes it; PgBouncer refuses to run as root. */
const USER = 'postgres';
const PORT = 6432;

/** A real PgBouncer on a Unix socket. */
export interface RunningPgbouncer {
  /** Of the database `breakwatch` behind it. */
  url: string;
  close(): Promise<void>;
}

/**
 * Starts PgBouncer in front of a PostgreSQL server.
 *
 * @param socket - folder of the socket of PostgreSQL
 * @param user - of all connections
 * @param settings - lines of its section `[pgbouncer]`
 * @throws when there is none on this machine; `PGBOUNCER` names another executable than Debian's
 */
export async function startPgbouncer(
  socket: string,
  user: string,
  settings: readonly string[],
): Promise<RunningPgbouncer> {
  const program = process.env.PGBOUNCER ?? DEBIAN;
  if (!existsSync(program)) {
    throw new Error('PgBouncer is missing: apt-get install pgbouncer, or set PGBOUNCER.');
  }
  const idOf = (flag: string) => Number(execFileSync('id', [flag, USER], { encoding: 'utf8' }));
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-pgbouncer-'));
  chmodSync(folder, 0o755);
  if (owner.uid !== undefined && owner.gid !== undefined) {
    chownSync(folder, owner.uid, owner.gid);
  }
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=${socket} user=${user}`,
      '[pgbouncer]',
      'listen_addr =',
      `listen_port = ${PORT}`,
      `unix_socket_dir = ${folder}`,
      'auth_type = any',
      ...settings,
      '',
    ].join('\n'),
  );
  const child = spawn(program, [file], { ...owner, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  while (!existsSync(join(folder, `.s.PGSQL.${PORT}`))) {
    if (child.exitCode !== null) {
      throw new Error(`PgBouncer did not start:\n${errors}`);
    }
    await wait(20);
  }
  return {
    url: `postgres://${user}@/breakwatch?host=${encodeURIComponent(folder)}&port=${PORT}`,
    async close() {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        const ending = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await gone;
        clearTimeout(ending);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
