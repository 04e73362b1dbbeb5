/**
 * The server whose rules are edited, in its own process, with the same parts as `breakwatch serve`. It tells its
 * parent which rules are in force, and how long callbacks wait for their verdict meanwhile.
 *
 * @module
 */
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { createMetrics } from '../../src/server/create-metrics.ts';
import { createServer } from '../../src/server/create-server.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { makeAccount } from '../../test/helpers/make-account.ts';
import { measureDelay } from '../ingest/loop-delay.ts';
import { VerdictWaits } from './verdict-waits.ts';

const [folder, rulesFolder, callbackKey] = process.argv.slice(2) as [string, string, string];
const metrics = createMetrics('bench');
const waits = new VerdictWaits();
const engine = await openEngine({
  openStore: () => openSqliteStore({ folder }),
  rulesFolders: [shippedRulesFolder(), rulesFolder],
  accounts: [makeAccount({ callbackKeys: [callbackKey] })],
  version: 'bench',
  hooks: {
    ...metrics.hooks,
    journalled(account, source, appended, duplicates) {
      metrics.hooks.journalled(account, source, appended, duplicates);
      waits.arrived(appended);
    },
    derived(entries, durationMs, error) {
      metrics.hooks.derived(entries, durationMs, error);
      waits.judged(entries);
    },
  },
  log: (level, message) => {
    if (level === 'error') {
      process.stderr.write(`${message}\n`);
      process.send?.({ refused: message });
    } else if (message.startsWith('rules in force: ')) {
      process.send?.({ inForce: message });
    }
  },
});
const { url } = await createServer({ engine, metrics, host: '127.0.0.1', port: 0 });
let report: ReturnType<typeof measureDelay> | undefined;
process.on('message', async (message) => {
  if (message === 'begin') {
    await engine.settled();
    waits.clear();
    report = measureDelay();
    process.send?.({ begun: true });
  } else if (message === 'report') {
    const delay = await report?.();
    await engine.idle();
    process.send?.({
      figures: {
        loopP99: delay?.main,
        controlP99: delay?.control,
        verdictP99: waits.p99,
        peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
      },
    });
  }
});
process.send?.({ url });
