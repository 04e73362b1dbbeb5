import { loadRules } from '../diagnosis/rule-files/index.ts';
import type { Log } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { createEngine, type EngineOptions, type StartableEngine } from './create-engine.ts';
import { fingerprintRules, watchRules } from './rules-in-force.ts';

/** What opening an engine needs. */
export interface OpenEngineOptions
  extends Pick<
    EngineOptions,
    | 'accounts'
    | 'directory'
    | 'mute'
    | 'version'
    | 'hooks'
    | 'now'
    | 'deriverThreadUrl'
    | 'incidentThreadUrl'
    | 'alerts'
    | 'keepDays'
  > {
  /** Opened after the rules are read, so that wrong rules leave no data folder owned. */
  openStore: () => Promise<EngineOptions['store']>;
  /** As `loadRules` takes them: from the lowest to the one that wins. */
  rulesFolders: readonly string[];
  /** Told what nobody waits for: rules left out or taken, batches that failed. */
  log: Log;
}

/**
 * Opens an engine on rules folders and keeps it on them: an edited set is put in force when all of
 * it is good. Closing the engine ends that and closes the store.
 *
 * @throws `RULES_FOLDER_MISSING`, what `openStore` throws, `STORE_FAILED`
 */
export async function openEngine(options: OpenEngineOptions): Promise<StartableEngine> {
  const { openStore, rulesFolders, log, ...rest } = options;
  // A folder that is missing is told by loading.
  const marks = await fingerprintRules(rulesFolders).catch(() => '');
  const { ruleSet, problems } = await loadRules(rulesFolders);
  for (const { file, line, column, message } of problems) {
    log('error', `rule left out: ${file}:${line}:${column}: ${message}`);
  }
  const [first] = problems;
  const store = await openStore();
  const engine = await createEngine({
    ...rest,
    store,
    rules: ruleSet,
    // The first problem stands for all in health; the log has named every one.
    rulesError: first
      ? maskedError('RULE_FILE_INVALID', { ...first, problem: first.message }).toAnswer()
      : null,
    onPurge: (message) => log('info', message),
    onError: (error, where) => log('error', `${where}: ${error.code}: ${error.message}`),
  });
  const endWatch = watchRules({
    folders: rulesFolders,
    hash: ruleSet.hash,
    fingerprint: marks,
    onSet: async (rules) => {
      await engine.replaceRules(rules);
      log('info', `rules in force: ${rules.hash} (${rules.rules.length} rules)`);
    },
    onProblem: (error) => {
      engine.rulesFailed(error?.toAnswer() ?? null);
      if (error) {
        log('error', `rules not taken: ${error.code}: ${error.message} ${error.remedy}`);
      }
    },
  });
  return {
    ...engine,
    async close() {
      endWatch();
      await engine.close();
    },
  };
}
