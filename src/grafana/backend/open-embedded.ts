import { shippedRulesFolder } from '../../diagnosis/rule-files/shipped-rules-folder.ts';
import type { EngineHooks } from '../../engine/engine.ts';
import { openEngine } from '../../engine/open-engine.ts';
import { watchDirectory } from '../../engine/watch-directory.ts';
import type { QueryService } from '../../model/query.ts';
import { openSqliteStore } from '../../store/sqlite/open-sqlite-store.ts';
import { log } from './log.ts';
import type { EmbeddedSettings } from './read-settings.ts';

/** A service with what has to be done when nobody needs it any more. */
export interface OpenService {
  service: QueryService;
  close(): Promise<void>;
}

/** What a service needs to know besides its settings. */
export interface OpenOptions {
  version: string;
  /** A team's own rules for embedded engines, laid over the shipped ones. */
  rulesFolder: string | undefined;
  hooks: Partial<EngineHooks>;
}

const DAY_MS = 86_400_000;
const POLL_SECONDS = 10;

/** A thread has a file of its own: beside the bundle, or the source where there is none. */
function workerUrl(bundle: string): URL | undefined {
  return import.meta.url.endsWith('.ts') ? undefined : new URL(bundle, import.meta.url);
}

/**
 * Opens an engine in this process that polls one account. It takes no callbacks.
 *
 * @throws `DATA_FOLDER_*`, `STORE_*`, `RULES_FOLDER_MISSING`, `FILE_UNREADABLE`
 */
export async function openEmbedded(
  settings: EmbeddedSettings,
  options: OpenOptions,
): Promise<OpenService> {
  const directory = settings.directoryFile
    ? await watchDirectory(settings.directoryFile, log)
    : undefined;
  const engine = await openEngine({
    openStore: () =>
      openSqliteStore({
        folder: settings.dataFolder,
        workerUrl: workerUrl('./sqlite-worker.cjs'),
      }),
    deriverThreadUrl: workerUrl('./deriver-thread.cjs'),
    incidentThreadUrl: workerUrl('./incident-thread.cjs'),
    queryThreadUrl: workerUrl('./query-thread.cjs'),
    rulesFolders: [shippedRulesFolder(), ...(options.rulesFolder ? [options.rulesFolder] : [])],
    accounts: [
      {
        name: settings.accountName,
        site: settings.site,
        endpoint: settings.endpoint,
        credentials: { secretId: settings.secretId, secretKey: settings.secretKey },
        callbackKeys: [],
        pushKeys: [],
        backfillMs: settings.backfillDays * DAY_MS,
        pollSeconds: POLL_SECONDS,
      },
    ],
    ...(directory ? { directory } : {}),
    version: options.version,
    keepDays: settings.keepDays,
    hooks: options.hooks,
    log,
  }).catch((thrown: unknown) => {
    directory?.close();
    throw thrown;
  });
  engine.startPolling();
  log('info', 'polling the CSS API', {
    account: settings.accountName,
    folder: settings.dataFolder,
  });
  return {
    service: engine,
    async close() {
      directory?.close();
      await engine.close();
    },
  };
}
