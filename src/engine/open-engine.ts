import type { Log } from '../model/errors.ts';
import type { Store } from '../store/store.ts';
import { createEngine, type EngineOptions, type StartableEngine } from './create-engine.ts';
import { chooseFirstRules, type FirstRules } from './rules/first-rules.ts';
import { readKeptRules, readLastRules } from './rules/kept-rules.ts';
import { fingerprintRules, watchRules } from './rules/watch-rules.ts';

/** The options of {@link openEngine}. */
export interface OpenEngineOptions
  extends Pick<
    EngineOptions,
    | 'accounts'
    | 'directory'
    | 'mute'
    | 'version'
    | 'hooks'
    | 'now'
    | 'alerts'
    | 'keepDays'
    | 'exportFolder'
  > {
  /** Opens the store. It is closed when the rules cannot be put in force. */
  openStore: () => Promise<EngineOptions['store']>;
  /** In the order of `loadRules`: later folders override earlier ones. */
  rulesFolders: readonly string[];
  /**
   * Whether the rules of the store are in force, as they were published, and not those of the folders. The folders then serve
   * only while the store has none that this version can run. False when absent.
   */
  usesPublished?: boolean;
  /** Gets background messages: rules rejected, rules put in force, failed batches. */
  log: Log;
}

/**
 * Opens an engine and watches its rules folders. A rule set, at the start or edited, is put in force if all of
 * it is valid. Closing the engine stops the watch and closes the store.
 *
 * @throws errors of `openStore` and {@link chooseFirstRules}, `STORE_FAILED`
 */
export async function openEngine(options: OpenEngineOptions): Promise<StartableEngine> {
  const { openStore, rulesFolders, usesPublished = false, log, ...rest } = options;
  // A missing folder is reported when its rules are read.
  const marks = await fingerprintRules(rulesFolders).catch(() => '');
  const store = await openStore();
  const first = await (async () =>
    (usesPublished ? await readPublished(store) : null) ??
    (await chooseFirstRules(rulesFolders, store, log)))().catch(async (thrown: unknown) => {
    await store.close();
    throw thrown;
  });
  const engine = await createEngine({
    ...rest,
    store,
    rules: first.rules,
    lastRules: first.last,
    rulesError: first.error,
    onPurge: (message) => log('info', message),
    onError: (error, where) => log('error', `${where}: ${error.code}: ${error.message}`),
  });
  if (usesPublished) {
    return engine;
  }
  const stopWatching = watchRules({
    folders: rulesFolders,
    store: store.share,
    rules: first.rules,
    tested: first.tested,
    fingerprint: marks,
    onSet: async (rules) => {
      await engine.replaceRules(rules, true);
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
      await stopWatching();
      await engine.close();
    },
  };
}

/** @returns null when the store has no rules that this version can run */
async function readPublished(store: Pick<Store, 'getState'>): Promise<FirstRules | null> {
  const rules = await readKeptRules(store);
  return rules && { rules, error: null, last: await readLastRules(store) };
}
