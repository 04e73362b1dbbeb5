import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { Random } from '../../test/fuzz/random.ts';
import { prepareServe, type ServeProcess } from '../../test/helpers/serve-process.ts';
import { CALLBACK_KEY } from '../../test/helpers/signed-callback.ts';
import { startPostgres } from '../../test/postgres/start-postgres.ts';
import { balanceCallbacks } from './balanced-callbacks.ts';
import { countStored, type StoredCounts, until } from './count-stored.ts';

/** What a rolling upgrade found. */
interface RollingReport extends StoredCounts {
  instances: number;
  /** The revision of Git of the version before. */
  from: string;
  /** Versions of the tables before and after. */
  tables: [before: number, after: number];
  /** Requests that a server refused or did not answer, and that were sent again. */
  repeated_by_sender: number;
  seed: number;
}

const INSTANCES = 3;
/** A balancer takes a server out this long before it ends, ms, as a `preStop` of Kubernetes does. */
const DRAIN_MS = 1_000;
/** Load between two upgrades, ms. */
const BETWEEN_MS = 3_000;
const WITHIN_MS = 120_000;

/** Checks a revision out beside this one. It uses the packages that are installed here. */
function checkOut(revision: string): { main: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-before-'));
  const git = (...args: string[]) =>
    execFileSync('git', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const tree = join(folder, 'tree');
  git('worktree', 'add', '--detach', tree, revision);
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  return {
    main: join(tree, 'src/cli/main.ts'),
    remove() {
      git('worktree', 'remove', '--force', tree);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Upgrades three servers of an earlier revision one after the other, while callbacks arrive.
 *
 * @param plan - `from` is a revision of Git that this checkout knows
 */
export async function runRolling(plan: {
  from: string;
  perSecond: number;
  seed: number;
  log: (line: string) => void;
}): Promise<RollingReport> {
  const { from, perSecond, seed, log } = plan;
  const randomness = new Random(seed);
  const before = checkOut(from);
  const postgres = await startPostgres({ settings: ['max_connections=200'] });
  const servers: { process: ServeProcess; isIn: boolean }[] = [];
  const database = new pg.Client({
    host: postgres.socket,
    user: 'breakwatch',
    database: 'breakwatch',
  });

  const isReady = async ({ process: { url } }: (typeof servers)[number]) =>
    (await fetch(`${url}/readyz`)).ok;
  const rows = async (text: string) => (await database.query(text)).rows;
  const tableVersion = async () =>
    Number((await rows(`SELECT value FROM breakwatch.meta WHERE name = 'schema'`))[0]?.value);
  const load = balanceCallbacks(
    () => servers.filter(({ isIn }) => isIn).map(({ process: { url } }) => url),
    () => randomness.next(),
  );

  try {
    await database.connect();
    const socket = encodeURIComponent(postgres.socket);
    const yaml = [
      `database: 'postgres://breakwatch@/breakwatch?host=${socket}'`,
      `accounts: [{ name: rolling, site: cn, callbackKeys: ['${CALLBACK_KEY}'] }]`,
    ].join('\n');
    for (let n = 0; n < INSTANCES; n++) {
      const served = await prepareServe(yaml, { BREAKWATCH_CALLBACK_KEY: '' });
      const now = served.main;
      served.main = before.main;
      const server = { process: served, isIn: false };
      servers.push(server);
      await served.start();
      await until('a server is ready', () => isReady(server), WITHIN_MS);
      server.isIn = true;
      served.main = now;
    }
    const tablesBefore = await tableVersion();
    load.start('rolling', perSecond);
    await wait(BETWEEN_MS);
    for (const [number, server] of servers.entries()) {
      server.isIn = false;
      await wait(DRAIN_MS);
      await server.process.kill('SIGTERM');
      await server.process.start();
      await until('an upgraded server is ready', () => isReady(server), WITHIN_MS);
      server.isIn = true;
      log(`server ${number} upgraded, ${load.acknowledged.size} acknowledged`);
      await wait(BETWEEN_MS);
    }
    await load.stop();
    const counts = await countStored(rows, load.acknowledged, WITHIN_MS);
    return {
      instances: INSTANCES,
      from,
      tables: [tablesBefore, await tableVersion()],
      ...counts,
      repeated_by_sender: load.repeated,
      seed,
    };
  } finally {
    for (const { process: served } of servers) {
      await served.remove();
    }
    await database.end();
    await postgres.remove();
    before.remove();
  }
}
