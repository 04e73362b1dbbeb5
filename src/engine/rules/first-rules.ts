import type { RuleSet } from '../../diagnosis/rule.ts';
import type { TestedRules } from '../../diagnosis/run/index.ts';
import type { AnswerError, Log } from '../../model/errors.ts';
import type { Store } from '../../store/store.ts';
import { checkRules } from './check-rules.ts';
import { type LastRules, readKeptRules, readLastRules } from './kept-rules.ts';

/** The rules that an engine starts with. */
export interface FirstRules {
  rules: RuleSet;
  /** For the check of the first edit; absent when no test ran. */
  tested?: TestedRules | undefined;
  /** Why the rules in the folders are not in force; null when they are. */
  error: AnswerError | null;
  /** Which rules were in force last; null when there are none, or none that this version can run instead of those of the folders. */
  last: LastRules | null;
}

/**
 * Chooses the rules to start with: those of the folders if a reload would accept them, else those that were in
 * force last, else the shipped ones.
 *
 * @param folders - the shipped folder first; a later folder overrides an earlier one
 * @throws `RULES_FOLDER_MISSING` when a folder is missing and no rules were in force before
 * @throws `RULE_FILE_INVALID`, `RULE_TEST_FAILED` when there is nothing else to start with
 * @throws `STORE_FAILED`
 */
export async function chooseFirstRules(
  folders: readonly string[],
  store: Pick<Store, 'getState'>,
  log: Log,
): Promise<FirstRules> {
  const last = await readLastRules(store);
  const checked = await checkRules(folders, last?.hash);
  if ('rules' in checked) {
    const { rules, tested } = checked;
    return { rules, tested, error: null, last };
  }
  const { error, problems } = checked;
  const kept = await readKeptRules(store);
  const instead = kept ?? (await readShipped(folders));
  if (instead === null || (!kept && error.code === 'RULES_FOLDER_MISSING')) {
    throw error;
  }
  for (const { file, line, column, message } of problems) {
    log('error', `rules rejected: ${file}:${line}:${column}: ${message}`);
  }
  const since = last?.since
    ? `in force since ${new Date(last.since).toISOString()}`
    : 'in force last';
  const origin = kept ? since : 'shipped';
  log(
    'error',
    `rules rejected: ${error.code}: ${error.message} ${error.remedy} Rules in force: ${instead.hash} (${instead.rules.length} rules, ${origin})`,
  );
  return { rules: instead, error: error.toAnswer(), last: kept && last };
}

/** @returns null when these are the rules that were rejected */
async function readShipped([shipped, ...own]: readonly string[]): Promise<RuleSet | null> {
  const checked = own.length > 0 && shipped ? await checkRules([shipped], undefined) : undefined;
  return checked && 'rules' in checked ? checked.rules : null;
}
