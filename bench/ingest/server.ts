/**
 * The server under test, in its own process: the same parts as in `breakwatch serve`, with a choice of
 * durability. `floor` is only a Fastify handler that parses the body as JSON and stores nothing. With a
 * retention in days, it deletes older data on request. With the URL of a database, that is the store.
 *
 * @module
 */
import Fastify from 'fastify';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { createMetrics } from '../../src/server/create-metrics.ts';
import { createServer } from '../../src/server/create-server.ts';
import { openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { makeAccount } from '../../test/helpers/make-account.ts';
import { readThreadCpu } from '../thread-cpu.ts';
import { measureDelay } from './loop-delay.ts';

const [kind, folder, callbackKey, keepDays, databaseUrl] = process.argv.slice(2) as [
  string,
  string,
  string,
  string?,
  string?,
];

async function startFloor(): Promise<string> {
  const app = Fastify({ logger: false });
  app.post('/callbacks/css/:account', async () => ({ code: 0 }));
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function startBreakwatch(synchronous: 'full' | 'normal'): Promise<string> {
  const metrics = createMetrics('bench');
  const engine = await openEngine({
    openStore: () =>
      databaseUrl
        ? openPostgresStore({ url: databaseUrl })
        : openSqliteStore({ folder, synchronous }),
    rulesFolders: [shippedRulesFolder()],
    accounts: [makeAccount({ callbackKeys: [callbackKey] })],
    version: 'bench',
    keepDays: Number(keepDays ?? 0),
    hooks: metrics.hooks,
    log: (level, message) => {
      if (level === 'error') {
        process.stderr.write(`${message}\n`);
      }
    },
  });
  const { url } = await createServer({ engine, metrics, host: '127.0.0.1', port: 0 });
  let report: ReturnType<typeof measureDelay> | undefined;
  process.on('message', async (message) => {
    if (message === 'measure delay') {
      report = measureDelay();
    } else if (message === 'report delay') {
      process.send?.({ delay: await report?.() });
    } else if (message === 'settle') {
      await engine.idle();
      process.send?.({ settled: (await engine.health()).store });
    } else if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMs: (user + system) / 1_000 });
    } else if (message === 'threads') {
      process.send?.({ threads: [...readThreadCpu()] });
    } else if (message === 'rest') {
      await engine.settled();
      while ((await engine.health()).store.integrity?.state === 'checking') {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      process.send?.({ rested: true });
    } else if (message === 'purge') {
      const begun = performance.now();
      await engine.purge();
      const seconds = (performance.now() - begun) / 1_000;
      process.send?.({ done: (await engine.health()).retention, seconds });
    } else if (message === 'progress') {
      process.send?.({ retention: (await engine.health()).retention });
    }
  });
  return url;
}

const url =
  kind === 'floor' ? await startFloor() : await startBreakwatch(kind as 'full' | 'normal');
process.send?.({ url });
