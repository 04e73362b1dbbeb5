import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the server's Unix socket; its user is `breakwatch`, its database `breakwatch`. */
    postgresSocket: string;
  }
}

const DEBIAN = '/usr/lib/postgresql';
const OLDEST = 15;
/** Debian's package makes it; a server refuses to run as root. */
const SERVER_USER = 'postgres';

/** The folder of `initdb`: the newest version that Debian has, or what `POSTGRES_BIN` says. */
export function findPrograms(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : [];
  const newest = Math.max(...versions.filter((version) => version >= OLDEST));
  const folder = process.env.POSTGRES_BIN ?? join(DEBIAN, String(newest), 'bin');
  if (!existsSync(join(folder, 'initdb'))) {
    throw new Error(
      `PostgreSQL ${OLDEST} or newer is missing: apt-get install postgresql, or set POSTGRES_BIN.`,
    );
  }
  return folder;
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, SERVER_USER], { encoding: 'utf8' }));
}

/** Options of a server. */
interface PostgresOptions {
  /** Lines of postgresql.conf, for example `fsync=off`. */
  settings?: readonly string[];
  /**
   * Also listens on this port of the loopback address, with TLS and passwords only. The certificate is for the
   * name `localhost`.
   */
  port?: number;
}

/** A real PostgreSQL server on a Unix socket. */
export interface RunningPostgres {
  /** File of the certificate that the server proves its name with; only with a port. */
  certificate: string;
  /** Folder of its Unix socket. */
  socket: string;
  /** Runs a program of PostgreSQL as the server's user; returns what it prints. */
  run(program: string, ...options: string[]): string;
  /** `fast` ends connections, `immediate` is like a crash. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and deletes its folder. */
  remove(): Promise<void>;
}

/**
 * Starts a server of its own in a temporary folder, with an empty database.
 *
 * @throws when there is no PostgreSQL on this machine
 */
export async function startPostgres({
  settings = [],
  port,
}: PostgresOptions = {}): Promise<RunningPostgres> {
  const programs = findPrograms();
  const isRoot = process.getuid?.() === 0;
  const owner = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-postgres-'));
  chmodSync(folder, 0o755);
  if (isRoot) {
    chownSync(folder, owner.uid as number, owner.gid as number);
  }
  const data = join(folder, 'data');
  const run = (program: string, ...options: string[]) =>
    execFileSync(join(programs, program), options, {
      ...owner,
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PGHOST: folder, PGUSER: 'breakwatch', PGPORT: String(port ?? 5432) },
    });
  run('initdb', '-D', data, '-U', 'breakwatch', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8');
  const certificate = join(folder, 'server.crt');
  const key = join(folder, 'server.key');
  if (port !== undefined) {
    execFileSync(
      'openssl',
      [
        ...['req', '-new', '-x509', '-days', '2', '-nodes', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
      ],
      { ...owner, stdio: 'ignore' },
    );
    chmodSync(key, 0o600);
    writeFileSync(
      join(data, 'pg_hba.conf'),
      'local all breakwatch trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
    );
  }
  let server: ReturnType<typeof spawn> | undefined;

  async function start(): Promise<void> {
    const network =
      port === undefined
        ? ['listen_addresses=']
        : [
            ...['listen_addresses=127.0.0.1', `port=${port}`, 'ssl=on'],
            ...[`ssl_cert_file=${certificate}`, `ssl_key_file=${key}`],
          ];
    const options = [...network, `unix_socket_directories=${folder}`, ...settings];
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, ...options.flatMap((option) => ['-c', option])],
      { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let output = '';
    child.stderr.on('data', (text) => {
      output = `${output}${text}`.slice(-4_000);
    });
    server = child;
    for (;;) {
      try {
        run('pg_isready', '-q');
        return;
      } catch {
        if (child.exitCode !== null) {
          throw new Error(`PostgreSQL did not start:\n${output}`);
        }
        await wait(50);
      }
    }
  }

  async function stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (server?.exitCode === null) {
      const gone = once(server, 'exit');
      server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await gone;
    }
  }

  try {
    await start();
    run('createdb', 'breakwatch');
  } catch (thrown) {
    await stop();
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
  return {
    certificate,
    socket: folder,
    run,
    start,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the server that all files of a run share. Data on disk are not what most of them test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres({
    settings: ['fsync=off', 'max_connections=200', 'shared_buffers=64MB'],
  });
  project.provide('postgresSocket', postgres.socket);
  return () => postgres.remove();
}
