/**
 * The server that receives the storm, in its own process, with the same parts as `breakwatch serve`. It
 * sends each notice to its parent, and at the end its incidents and peak memory.
 *
 * @module
 */
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { StoredIncident } from '../../src/model/incident.ts';
import { createMetrics } from '../../src/server/create-metrics.ts';
import { createServer } from '../../src/server/create-server.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { makeAccount } from '../../test/helpers/make-account.ts';

const [folder, callbackKey] = process.argv.slice(2) as [string, string];
const metrics = createMetrics('bench');
let store: Store | undefined;
const engine = await openEngine({
  openStore: async () => {
    store = await openSqliteStore({ folder });
    return store;
  },
  rulesFolders: [shippedRulesFolder()],
  accounts: [makeAccount({ callbackKeys: [callbackKey] })],
  version: 'bench',
  hooks: metrics.hooks,
  alerts: {
    accept: async ({ notices }) => {
      for (const { id, kind } of notices) {
        process.send?.({ notice: { id, kind, at: Date.now() } });
      }
    },
  },
  log: (level, message) => {
    if (level === 'error') {
      process.stderr.write(`${message}\n`);
    }
  },
});
const { url } = await createServer({ engine, metrics, host: '127.0.0.1', port: 0 });
process.on('message', async (message) => {
  if (message === 'settle') {
    await engine.settled();
    const found = await (store as Store).findDocuments({ kind: 'incident', limit: 10_000 });
    process.send?.({
      settled: {
        journal: (await engine.health()).store.journal,
        incidents: found.map(({ body }) => body as StoredIncident),
        peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
      },
    });
  }
});
process.send?.({ url });
