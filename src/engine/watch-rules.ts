import { stat } from 'node:fs/promises';
import type { RuleSet } from '../diagnosis/rule.ts';
import { findRuleFiles, loadPack } from '../diagnosis/rule-files/index.ts';
import { judgeRuleTests } from '../diagnosis/run/index.ts';
import { BreakwatchError } from '../model/errors.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';

const LOOK_EVERY_MS = 700;
/** A look may take this part of the time at most, however many rules there are. */
const LOOK_SHARE = 20;

/** What watching rules needs. */
export interface WatchRulesOptions {
  /** As `loadRules` takes them: from the lowest to the one that wins. */
  folders: readonly string[];
  /** Hash of the rule set in force. */
  hash: string;
  /** {@link markRules} from before that set was read, so that no change falls between. */
  marks: string;
  /** Takes a new set that loads without a problem and passes its own tests. */
  onSet: (rules: RuleSet) => Promise<void>;
  /** Told why what is in the folders now is not in force; null when it is again. */
  onProblem: (error: BreakwatchError | null) => void;
  /** Time between two looks, ms. */
  lookEveryMs?: number;
}

/**
 * Watches rules folders and puts a changed set in force when all of it is good: every file loads,
 * and the tests inside the rules hold. A shipped rule's test that fails because a team's rule wins is what
 * the team means, as `rules test` says too. Otherwise the set in force stays.
 *
 * Folders are looked at again and again instead of being watched by the system, because mounted
 * configuration changes by swapping links, network folders tell nothing, and an editor's save is
 * several changes. Two looks must agree before anything is read, so no half-written set is.
 *
 * @returns ends watching
 */
export function watchRules(options: WatchRulesOptions): () => void {
  const { folders, marks, onSet, onProblem, lookEveryMs = LOOK_EVERY_MS } = options;
  let { hash } = options;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let loaded = marks;
  let last: string | undefined;

  async function look(): Promise<void> {
    const begun = performance.now();
    let took = 0;
    try {
      const seen = await markRules(folders);
      took = performance.now() - begun;
      if (seen === last && seen !== loaded) {
        loaded = seen;
        await reload();
      }
      last = seen;
    } catch (thrown) {
      // A folder that is gone for good and one that is being swapped look alike at first.
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
      timer = setTimeout(look, Math.max(lookEveryMs, took * LOOK_SHARE));
    }
  }

  async function reload(): Promise<void> {
    try {
      const { ruleSet, problems, liesOver } = await loadPack(folders);
      const [problem] = problems;
      if (problem) {
        throw maskedError('RULE_FILE_INVALID', { ...problem, problem: problem.message });
      }
      if (ruleSet.hash !== hash) {
        const failure = (await judgeRuleTests(ruleSet)).find(
          ({ holds, rule, winner }) => !holds && !liesOver(winner, rule.id),
        );
        if (failure) {
          const { rule, name, expected, winner } = failure;
          const details = { file: rule.file, test: name, expected, winner };
          throw maskedError('RULE_TEST_FAILED', details);
        }
        await onSet(ruleSet);
        hash = ruleSet.hash;
      }
      onProblem(null);
    } catch (thrown) {
      onProblem(asBreakwatchError(thrown));
    }
  }

  void look();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/**
 * Names, sizes and times of all rule files: the same as long as nobody touches them.
 *
 * @throws when a folder can not be read
 */
export async function markRules(folders: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const folder of folders) {
    for (const { path } of await findRuleFiles(folder)) {
      // A link that points nowhere is a change like any other; loading names it.
      const found = await stat(path).catch(() => undefined);
      parts.push(`${path}|${found?.ino}|${found?.size}|${found?.mtimeMs}`);
    }
  }
  return parts.join('\n');
}
