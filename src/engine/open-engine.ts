import { loadRules } from '../diagnosis/rule-files/index.ts';
import type { Log } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { createEngine, type EngineOptions, type StartableEngine } from './create-engine.ts';
import { fingerprintRules, watchRules } from './rules-in-force.ts';

/** The options of {@link openEngine}. */
export interface OpenEngineOptions
  extends Pick<
    EngineOptions,
    'accounts' | 'directory' | 'mute' | 'version' | 'hooks' | 'now' | 'alerts' | 'keepDays'
  > {
  /** Called after the rules are read, so that an error in the rules leaves no data folder locked. */
  openStore: () => Promise<EngineOptions['store']>;
  /** In the order of `loadRules`: later folders override earlier ones. */
  rulesFolders: readonly string[];
  /** Gets background messages: rule files left out, rules put in force, failed batches. */
  log: Log;
}

/**
 * Opens an engine and watches its rules folders. An edited rule set is put in force if all of it is
 * valid. Closing the engine stops the watch and closes the store.
 *
 * @throws `RULES_FOLDER_MISSING`, errors of `openStore`, `STORE_FAILED`
 */
export async function openEngine(options: OpenEngineOptions): Promise<StartableEngine> {
  const { openStore, rulesFolders, log, ...rest } = options;
  // loadRules reports a missing folder.
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
    // Health shows the first problem; the log has all of them.
    rulesError: first
      ? maskedError('RULE_FILE_INVALID', { ...first, problem: first.message }).toAnswer()
      : null,
    onPurge: (message) => log('info', message),
    onError: (error, where) => log('error', `${where}: ${error.code}: ${error.message}`),
  });
  const stopWatching = watchRules({
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
        log('error', `new rules rejected: ${error.code}: ${error.message} ${error.remedy}`);
      }
    },
  });
  return {
    ...engine,
    async close() {
      stopWatching();
      await engine.close();
    },
  };
}
