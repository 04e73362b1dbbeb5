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
import type { EngineHooks } from '../../engine/engine.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { KEEP_DAYS } from '../../engine/retention.ts';
import { chooseFirstRules } from '../../engine/rules/first-rules.ts';
import { openSharedEngine } from '../../engine/servers/open-shared-engine.ts';
import type { StreamActions } from '../../engine/stream-actions.ts';
import { watchDirectory } from '../../engine/watch-directory.ts';
import { watchMuteIntervals } from '../../engine/watch-mute-intervals.ts';
import { openWorkbench } from '../../engine/workbench/open-workbench.ts';
import type { AlertOutbox } from '../../model/notice.ts';
import { parseSenders } from '../../server/callback-senders.ts';
import { createMetrics } from '../../server/create-metrics.ts';
import { createServer, type RunningServer } from '../../server/create-server.ts';
import { watchTokens } from '../../server/named-tokens.ts';
import type { PostgresSettings } from '../../store/postgres/connection-settings.ts';
import type { Store } from '../../store/store.ts';
import { NO_ALERT_SETTINGS } from '../config/read-alert-settings.ts';
import { type Config, sortPushKeys } from '../config/read-config.ts';
import { log } from '../output/log.ts';
import { logBackfill, logPolls } from '../output/print-status.ts';
import { actionsOf } from './actions-of.ts';
import { openHistory } from './open-history.ts';
import { openStore } from './open-store.ts';

/** The built page. `npm start` builds it in a checkout; the npm package contains it. */
const WEB_ROOT = fileURLToPath(new URL('../../../dist/web', import.meta.url));

/** What the log says when a server that shares its database begins to lead, is ready to, or no longer does. */
const WORDS_OF_CHANGE = {
  begins: 'takes the lead: it derives, polls, groups and notifies from now on',
  leads: 'leads',
  follows: 'no longer leads: it takes callbacks and answers questions',
};

/** An engine with its outbox. */
interface OpenedEngine {
  engine: Omit<StartableEngine, 'replaceRules' | 'rulesFailed'>;
  outbox: AlertOutbox | undefined;
  actions: StreamActions;
  close(): Promise<void>;
}

/** A running server and its engine. */
export interface RunningBreakwatch {
  server: RunningServer;
  engine: OpenedEngine['engine'];
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
  const settings = config.alerts ?? NO_ALERT_SETTINGS;
  const channels = createChannels(settings);
  const warnings = channels.length > 0 ? findDoubleRoutes(settings) : [];
  for (const { message, remedy } of warnings) {
    log('warn', `alerts: ${message} ${remedy}`);
  }
  const rulesFolders = [shippedRulesFolder(), ...(config.rulesFolder ? [config.rulesFolder] : [])];
  const engineOptions = {
    rulesFolders,
    accounts: config.accounts,
    ...(directory ? { directory } : {}),
    ...(mute ? { mute } : {}),
    version: packageJson.version,
    keepDays: config.keepDays ?? KEEP_DAYS,
    exportFolder: config.exportFolder,
    hooks: {
      ...metrics.hooks,
      polled(...poll: Parameters<EngineHooks['polled']>) {
        metrics.hooks.polled?.(...poll);
        logPoll(...poll);
      },
    },
    log,
  };

  /** @param maySend - asked right before each request to a channel */
  async function openDispatcher(store: Store, maySend?: () => boolean): Promise<Dispatcher> {
    const { giveUpMs } = settings;
    const { outboxHooks: hooks } = metrics;
    return createDispatcher({
      store,
      channels,
      warnings,
      giveUpMs,
      hooks,
      log,
      ...(maySend ? { maySend } : {}),
    });
  }

  /** Opens all that one server does alone. @param openOwn - opens its store, which is closed when anything fails */
  async function openLeading(
    openOwn: () => Promise<Store>,
    maySend?: () => boolean,
  ): Promise<OpenedEngine & { engine: StartableEngine }> {
    let dispatcher: Dispatcher | undefined;
    const engine = await openEngine({
      ...engineOptions,
      usesPublished: config.database !== undefined,
      async openStore() {
        const store = await openOwn();
        if (channels.length > 0) {
          dispatcher = await openDispatcher(store, maySend).catch(async (thrown: unknown) => {
            await store.close();
            throw thrown;
          });
        }
        return store;
      },
      ...(channels.length > 0
        ? { alerts: { accept: async (outcome) => dispatcher?.accept(outcome) } }
        : {}),
    }).catch(async (thrown: unknown) => {
      await dispatcher?.close();
      throw thrown;
    });
    return {
      engine,
      outbox: dispatcher,
      actions: ownActions,
      async close() {
        // Before the store, which it writes to. It sends the remaining notices after the next start.
        await dispatcher?.close();
        await engine.close();
      },
    };
  }

  async function openOne(): Promise<OpenedEngine> {
    return openLeading(() =>
      openStore(config, {
        onChecked: ({ error }) =>
          error
            ? log('error', `data folder: ${error.code}: ${error.message} ${error.remedy}`)
            : log('info', 'data folder: the database files are intact'),
      }),
    );
  }

  async function openShared(database: PostgresSettings): Promise<OpenedEngine> {
    const { openSharedStore } = await import('../../store/postgres/open-shared-store.ts');
    const shared = await openSharedStore(database);
    const engine = await openSharedEngine({
      ...engineOptions,
      shared,
      hasChannels: channels.length > 0,
      readRules: async () => (await chooseFirstRules(rulesFolders, shared.store, log)).rules,
      openLeading: ({ store, mayAct }) => openLeading(async () => store, mayAct),
      onChange: (state) => log('info', `servers: this one ${WORDS_OF_CHANGE[state]}`),
      onError: (error, where) => log('error', `${where}: ${error.code}: ${error.message}`),
    }).catch(async (thrown: unknown) => {
      await shared.close();
      throw thrown;
    });
    return {
      engine,
      outbox: engine.outbox,
      actions: engine.actions,
      close: () => engine.close(),
    };
  }

  /** Carries out what people order, while this server leads or is the only one. */
  const ownActions = await actionsOf(config);
  const opened = await (config.database ? openShared(config.database) : openOne()).catch(
    (thrown: unknown) => {
      closeWatches();
      ownActions.close();
      throw thrown;
    },
  );
  const { engine, outbox, actions } = opened;
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
      ...(outbox ? { outbox } : {}),
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
        ownActions.close();
        await workbench.close();
        await snapshots.close();
        await opened.close();
      },
    };
  } catch (thrown) {
    closeWatches();
    ownActions.close();
    await workbench.close();
    await snapshots.close();
    await opened.close();
    throw thrown;
  }
}
