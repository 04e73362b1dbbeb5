import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../src/engine/create-engine.ts';
import { createMetrics } from '../../src/server/create-metrics.ts';
import { createServer, type RunningServer } from '../../src/server/create-server.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { CALLBACK_KEY, PUSH_KEY } from './signed-callback.ts';

/** A real server on a free port with a real engine, which takes signed callbacks and judges with the shipped rules. */
export interface CollectingServer {
  /** Where the store is. */
  folder: string;
  engine: StartableEngine;
  server: RunningServer;
  /** Messages of the log so far. */
  log: string[];
  stop(): Promise<void>;
}

/**
 * Starts a server. Nothing is polled.
 *
 * @param accounts - their names; each takes callbacks with `CALLBACK_KEY`
 * @param pushDomain - the domain whose push key is `PUSH_KEY`, or `*`
 */
export async function startCollectingServer(
  accounts: readonly string[],
  { pushDomain = '*', token }: { pushDomain?: string; token?: string } = {},
): Promise<CollectingServer> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-test-'));
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  const metrics = createMetrics('9.9.9');
  const engine = await createEngine({
    store: await openSqliteStore({ folder }),
    rules: ruleSet,
    accounts: accounts.map((name) => ({
      name,
      site: 'cn',
      callbackKeys: [CALLBACK_KEY],
      pushKeys: [{ domain: pushDomain, key: PUSH_KEY }],
      backfillMs: 0,
      pollSeconds: 10,
    })),
    version: '9.9.9',
    hooks: metrics.hooks,
  });
  const log: string[] = [];
  const server = await createServer({
    engine,
    metrics,
    host: '127.0.0.1',
    port: 0,
    ...(token !== undefined && { token }),
    log: (_level, message) => log.push(message),
  });
  return {
    folder,
    engine,
    server,
    log,
    async stop() {
      await server.close();
      await engine.close();
      await rm(folder, { recursive: true });
    },
  };
}
