import { stat } from 'node:fs/promises';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { findReadFiles } from '../../diagnosis/rule-files/index.ts';
import type { TestedRules } from '../../diagnosis/run/index.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { checkRulesOnThread } from './check-rules-on-thread.ts';

/** Interval at which folders are checked, ms. */
const CHECK_EVERY_MS = 700;
/** Checking may take at most one part in this many of the time, however many rules there are. */
const CHECK_SHARE = 20;

/** The options of {@link watchRules}. */
export interface WatchRulesOptions {
  /** In the order of `loadRules`: later folders override earlier ones. */
  folders: readonly string[];
  /** Hash of the rule set in force. */
  hash: string;
  /** From the check of that set, so that an edit runs only the tests that it can touch. */
  tested?: TestedRules | undefined;
  /** {@link fingerprintRules} from before that set was read, so that no change falls between. */
  fingerprint: string;
  /** Called with a new set that loads without a problem and passes its own tests. */
  onSet: (rules: RuleSet) => Promise<void>;
  /** Called with the error that keeps the set in the folders from being in force; null for none. */
  onProblem: (error: BreakwatchError | null) => void;
  /** Interval at which folders are checked, ms; 700 when absent. */
  checkEveryMs?: number;
}

/**
 * Watches rules folders and puts a changed set in force if {@link checkRulesOnThread} accepts it. Otherwise the current
 * set stays in force.
 *
 * Folders are polled, because system notifications do not work here: mounted configuration changes by
 * swapping links, network folders send none, and an editor's save is several changes. Two checks must
 * agree before a set is read, so that no half-written set is read.
 *
 * @returns stops watching
 */
export function watchRules(options: WatchRulesOptions): () => void {
  const { folders, fingerprint, onSet, onProblem, checkEveryMs = CHECK_EVERY_MS } = options;
  let { hash, tested } = options;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let loaded = fingerprint;
  let last: string | undefined;

  async function check(): Promise<void> {
    const startedAt = performance.now();
    let took = 0;
    try {
      const seen = await fingerprintRules(folders);
      took = performance.now() - startedAt;
      if (seen === last && seen !== loaded) {
        loaded = seen;
        await reload();
      }
      last = seen;
    } catch (thrown) {
      // At first, a folder that is being swapped looks like one that was deleted.
      const gone = `gone: ${(thrown as Error).message}`;
      if (gone === last && gone !== loaded) {
        loaded = gone;
        onProblem(
          thrown instanceof BreakwatchError
            ? thrown
            : maskedError('RULES_FOLDER_MISSING', {
                folder: folders.at(-1) ?? '',
                problem: (thrown as Error).message,
              }),
        );
      }
      last = gone;
    }
    if (!ended) {
      timer = setTimeout(check, Math.max(checkEveryMs, took * CHECK_SHARE));
    }
  }

  async function reload(): Promise<void> {
    const checked = await checkRulesOnThread(folders, hash, tested);
    if ('error' in checked) {
      onProblem(checked.error);
      return;
    }
    tested = checked.tested;
    try {
      if (checked.rules.hash !== hash) {
        await onSet(checked.rules);
        hash = checked.rules.hash;
      }
      onProblem(null);
    } catch (thrown) {
      onProblem(asBreakwatchError(thrown));
    }
  }

  void check();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/**
 * Returns the names, sizes and times of all rule files as one text. It is the same until a file changes.
 *
 * @throws if a folder cannot be read
 */
export async function fingerprintRules(folders: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const folder of folders) {
    for (const { path } of await findReadFiles(folder)) {
      // A broken link counts as a change; loading reports it.
      const found = await stat(path).catch(() => undefined);
      parts.push(`${path}|${found?.ino}|${found?.size}|${found?.mtimeMs}`);
    }
  }
  return parts.join('\n');
}
