import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import { createChannels, findDoubleRoutes } from '../../alerts/channels/create-channels.ts';
import { createDispatcher, type Dispatcher } from '../../alerts/outbox/dispatcher.ts';
import {
  shippedRulesFolder,
  shippedRunbooksFolder,
} from '../../diagnosis/rule-files/shipped-rules-folder.ts';
import type { StartableEngine } from '../../engine/create-engine.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { KEEP_DAYS } from '../../engine/retention.ts';
import { watchDirectory } from '../../engine/watch-directory.ts';
import { watchMuteIntervals } from '../../engine/watch-mute-intervals.ts';
import { openWorkbench } from '../../engine/workbench/open-workbench.ts';
import { parseSenders } from '../../server/callback-senders.ts';
import { createMetrics } from '../../server/create-metrics.ts';
import { createServer, type RunningServer } from '../../server/create-server.ts';
import { watchTokens } from '../../server/named-tokens.ts';
import { NO_ALERT_SETTINGS } from '../config/read-alert-settings.ts';
import { type Config, sortPushKeys } from '../config/read-config.ts';
import { log } from '../output/log.ts';
import { logBackfill, logPolls } from '../output/print-status.ts';
import { actionsOf } from './actions-of.ts';
import { openHistory } from './open-history.ts';
import { openStore } from './open-store.ts';

/** The built page. `npm start` builds it in a checkout; the npm package contains it. */
const WEB_ROOT = fileURLToPath(new URL('../../../dist/web', import.meta.url));

/** A running server and its engine. */
export interface RunningBreakwatch {
  server: RunningServer;
  engine: StartableEngine;
  close(): Promise<void>;
}

/**
 * Opens the store, loads the rules and listens. Polling begins with `engine.startPolling()`.
 *
 * @throws `DATA_FOLDER_*`, `DATABASE_*`, `RULES_FOLDER_MISSING`, `PORT_IN_USE`, `TOKEN_NEEDED_FOR_HOST`,
 *   `MUTE_INTERVALS_INVALID`, `FILE_UNREADABLE`
 */
export async function runServer(config: Config): Promise<RunningBreakwatch> {
  const metrics = createMetrics(packageJson.version);
  const logPoll = logPolls(log);
  const directory = config.directoryFile
    ? await watchDirectory(config.directoryFile, log)
    : undefined;
  const mute = config.mute
    ? await watchMuteIntervals(config.mute, log).catch((thrown: unknown) => {
        directory?.close();
        throw thrown;
      })
    : undefined;
  const tokens = config.server?.tokens
    ? await watchTokens(config.server.tokens, log).catch((thrown: unknown) => {
        directory?.close();
        mute?.close();
        throw thrown;
      })
    : undefined;
  const closeWatches = () => {
    tokens?.close();
    directory?.close();
    mute?.close();
  };
  let dispatcher: Dispatcher | undefined;
  const settings = config.alerts ?? NO_ALERT_SETTINGS;
  const channels = createChannels(settings);
  const warnings = channels.length > 0 ? findDoubleRoutes(settings) : [];
  for (const { message, remedy } of warnings) {
    log('warn', `alerts: ${message} ${remedy}`);
  }
  const rulesFolders = [shippedRulesFolder(), ...(config.rulesFolder ? [config.rulesFolder] : [])];
  const engine = await openEngine({
    async openStore() {
      const store = await openStore(config, {
        onChecked: ({ error }) =>
          error
            ? log('error', `data folder: ${error.code}: ${error.message} ${error.remedy}`)
            : log('info', 'data folder: the database files are intact'),
      });
      if (channels.length > 0) {
        const { giveUpMs } = settings;
        const { outboxHooks: hooks } = metrics;
        dispatcher = await createDispatcher({
          store,
          channels,
          warnings,
          giveUpMs,
          hooks,
          log,
        }).catch(async (thrown: unknown) => {
          await store.close();
          throw thrown;
        });
      }
      return store;
    },
    ...(channels.length > 0
      ? { alerts: { accept: async (outcome) => dispatcher?.accept(outcome) } }
      : {}),
    rulesFolders,
    accounts: config.accounts,
    ...(directory ? { directory } : {}),
    ...(mute ? { mute } : {}),
    version: packageJson.version,
    keepDays: config.keepDays ?? KEEP_DAYS,
    hooks: {
      ...metrics.hooks,
      polled(...poll) {
        metrics.hooks.polled?.(...poll);
        logPoll(...poll);
      },
    },
    log,
  }).catch(async (thrown: unknown) => {
    closeWatches();
    await dispatcher?.close();
    throw thrown;
  });
  const actions = actionsOf(config);
  const snapshots = await openHistory(config);
  const workbench = openWorkbench({
    rules: engine.rulesInForce,
    folders: rulesFolders,
    snapshots,
    pushKeys: sortPushKeys(config.accounts.flatMap(({ pushKeys }) => pushKeys)),
  });
  try {
    const server = await createServer({
      engine,
      actions,
      snapshots,
      workbench,
      ...(dispatcher ? { outbox: dispatcher } : {}),
      metrics,
      host: config.host,
      port: config.port,
      socket: config.socket,
      token: config.token,
      ...(tokens ? { namedTokens: () => tokens.tokens } : {}),
      ...(config.server?.singleSignOn
        ? {
            singleSignOn: {
              ...config.server.singleSignOn,
              proxies: parseSenders(config.server.singleSignOn.proxies),
            },
          }
        : {}),
      callbackFrom: new Map(
        config.accounts.flatMap(({ name, callbackFrom }) =>
          callbackFrom ? [[name, parseSenders(callbackFrom)]] : [],
        ),
      ),
      access: {
        publicUrl: settings.publicUrl,
        allowedHosts: config.server?.allowedHosts,
        allowedOrigins: config.server?.allowedOrigins,
        signedAccounts: new Set(
          config.accounts.flatMap(({ name, callbackKeys }) =>
            callbackKeys.length > 0 ? [name] : [],
          ),
        ),
      },
      ...(config.trustProxy ? { trustProxy: config.trustProxy } : {}),
      webRoot: WEB_ROOT,
      runbooks: {
        shipped: shippedRunbooksFolder(),
        own: config.rulesFolder ? [join(config.rulesFolder, 'runbooks')] : [],
      },
      log,
    });
    const stopBackfillLog = logBackfill(() => engine.health(), log);
    return {
      server,
      engine,
      async close() {
        stopBackfillLog();
        closeWatches();
        await server.close();
        // Only now: a request in flight may be an action on a stream.
        actions.close();
        await workbench.close();
        await snapshots.close();
        // Before the store, which it writes to. It sends the remaining notices after the next start.
        await dispatcher?.close();
        await engine.close();
      },
    };
  } catch (thrown) {
    closeWatches();
    actions.close();
    await workbench.close();
    await snapshots.close();
    await dispatcher?.close();
    await engine.close();
    throw thrown;
  }
}
