import { loadRules } from '../../diagnosis/load-rules.ts';
import { shippedRulesFolder } from '../../diagnosis/shipped-rules-folder.ts';
import { createEngine } from '../../engine/create-engine.ts';
import { watchRules } from '../../engine/watch-rules.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { openSqliteStore } from '../../store/sqlite/open-sqlite-store.ts';
import { log } from './log.ts';
import type { OpenOptions, OpenService } from './open-service.ts';
import type { EmbeddedSettings } from './read-settings.ts';

const DAY_MS = 86_400_000;
const POLL_SECONDS = 10;

/** The store's worker is a file of its own: beside the bundle, or the source where there is none. */
function workerUrl(): URL | undefined {
  return import.meta.url.endsWith('.ts')
    ? undefined
    : new URL('./sqlite-worker.cjs', import.meta.url);
}

/**
 * Opens an engine in this process that polls one account. It takes no callbacks.
 *
 * @throws `DATA_FOLDER_*`, `STORE_*`, `RULES_FOLDER_MISSING`
 */
export async function openEmbedded(
  settings: EmbeddedSettings,
  options: OpenOptions,
): Promise<OpenService> {
  const folders = [shippedRulesFolder()];
  if (options.rulesFolder) {
    folders.push(options.rulesFolder);
  }
  const { ruleSet, problems } = await loadRules(folders);
  for (const { file, line, column, message } of problems) {
    log('error', `rule left out: ${file}:${line}:${column}: ${message}`);
  }
  const [problem] = problems;
  const store = await openSqliteStore({ folder: settings.dataFolder, workerUrl: workerUrl() });
  const engine = await createEngine({
    store,
    rules: ruleSet,
    rulesError: problem
      ? new BreakwatchError('RULE_FILE_INVALID', {
          ...problem,
          problem: problem.message,
        }).toAnswer()
      : null,
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
    version: options.version,
    hooks: options.hooks,
    onError: (error, where) => log('error', error.message, { where, code: error.code }),
  }).catch(async (thrown) => {
    await store.close();
    throw thrown;
  });
  engine.startPolling();
  log('info', 'polling the CSS API', {
    account: settings.accountName,
    folder: settings.dataFolder,
  });
  const endWatch = watchRules({
    folders,
    hash: ruleSet.hash,
    onSet: async (rules) => {
      await engine.replaceRules(rules);
      log('info', 'rules in force', { set: rules.hash, rules: rules.rules.length });
    },
    onProblem: (error) => {
      engine.rulesFailed(error?.toAnswer() ?? null);
      if (error) {
        log('error', `rules not taken: ${error.message}`, { code: error.code });
      }
    },
  });
  return {
    service: engine,
    async close() {
      endWatch();
      await engine.close();
    },
  };
}
