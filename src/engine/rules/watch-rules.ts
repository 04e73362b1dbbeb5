import { type Stats, stat } from 'node:fs';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { findReadFiles } from '../../diagnosis/rule-files/index.ts';
import type { TestedRules } from '../../diagnosis/run/index.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { StoreShare } from '../../store/store.ts';
import { applyChange, knownRules } from './rules-change.ts';
import { createRulesChecker } from './rules-checker.ts';

/** Interval at which folders are checked, ms. */
const CHECK_EVERY_MS = 700;
/** Checking takes at most one part in this many of the time, however many rules there are. */
const CHECK_SHARE = 20;
/** An edit is seen within this time, ms, also on a machine that is so busy that a check takes seconds. */
const MAX_PAUSE_MS = 15_000;

/**
 * After this time, ms, a change that was seen is looked at again. An upload that pauses longer is read in part, and its
 * rest is the next change.
 */
const SETTLED_AFTER_MS = 300;
/** One at a time, most of the processor time went into waking up for each file. */
const STATS_AT_ONCE = 16;

/** The options of {@link watchRules}. */
export interface WatchRulesOptions {
  /** In the order of `loadRules`: later folders override earlier ones. */
  folders: readonly string[];
  /** Keeps accepted rules for the next start; nothing keeps them when null. */
  store: StoreShare | null;
  /** The rule set in force. */
  rules: RuleSet;
  /** From the check of that set, so that an edit runs only the tests that it can touch. */
  tested?: TestedRules | undefined;
  /** {@link fingerprintRules} from before that set was read, so that no change falls between. */
  fingerprint: string;
  /** Called with a new set that loads without a problem and passes its own tests; `store` has it. */
  onSet: (rules: RuleSet) => Promise<void>;
  /** Called with the error that keeps the set in the folders from being in force; null for none. */
  onProblem: (error: BreakwatchError | null) => void;
  /** Interval at which folders are checked, ms; 700 when absent. */
  checkEveryMs?: number;
}

/**
 * Watches rules folders and puts a changed set in force if {@link createRulesChecker} accepts it. Otherwise the current
 * set stays in force. Rules that stay are the same objects in the changed set.
 *
 * Folders are polled, because system notifications do not work here: mounted configuration changes by
 * swapping links, network folders send none, and an editor's save is several changes. Two checks must
 * agree before a set is read, so that no half-written set is read.
 *
 * @returns stops watching
 */
export function watchRules(options: WatchRulesOptions): () => Promise<void> {
  const { folders, store, fingerprint, onSet, onProblem, checkEveryMs = CHECK_EVERY_MS } = options;
  const checker = createRulesChecker({ folders, store });
  let { rules, tested } = options;
  let known = knownRules(rules);
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let loaded = fingerprint;
  let last: string | undefined;

  async function check(): Promise<void> {
    const startedAt = performance.now();
    let took = 0;
    let isChanging = false;
    try {
      const seen = await fingerprintRules(folders);
      took = performance.now() - startedAt;
      if (seen === last && seen !== loaded) {
        loaded = seen;
        await reload();
      }
      isChanging = seen !== loaded;
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
      const pause = isChanging
        ? Math.max(Math.min(checkEveryMs, SETTLED_AFTER_MS), took)
        : Math.max(checkEveryMs, Math.min(took * CHECK_SHARE, MAX_PAUSE_MS));
      timer = setTimeout(check, pause);
    }
  }

  async function reload(): Promise<void> {
    const checked = await checker.check({ passed: rules.hash, tested, known });
    if (ended) {
      return;
    }
    if ('error' in checked) {
      onProblem(checked.error);
      return;
    }
    tested = checked.tested;
    try {
      const next = applyChange(rules, checked.change);
      if (next && next.hash !== rules.hash) {
        await onSet(next);
        rules = next;
        known = checked.known;
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
    return checker.close();
  };
}

/**
 * Returns the names, sizes and times of all rule files as one text. It is the same until a file changes.
 *
 * @throws if a folder cannot be read
 */
export async function fingerprintRules(folders: readonly string[]): Promise<string> {
  const paths: string[] = [];
  for (const folder of folders) {
    paths.push(...(await findReadFiles(folder)).map(({ path }) => path));
  }
  const found = await statAll(paths);
  const parts = paths.map((path, place) => {
    const { ino, size, mtimeMs } = found[place] ?? {};
    return `${path}|${ino}|${size}|${mtimeMs}`;
  });
  return parts.join('\n');
}

/**
 * Looks at files. With callbacks, because promises take four times as much of the main thread's time.
 *
 * @returns undefined for a broken link, which counts as a change: loading reports it
 */
function statAll(paths: readonly string[]): Promise<(Stats | undefined)[]> {
  const found: (Stats | undefined)[] = new Array(paths.length);
  const places = paths.entries();
  const lookAtRest = (resolve: () => void) => {
    const { value } = places.next();
    if (value === undefined) {
      resolve();
      return;
    }
    const [place, path] = value;
    stat(path, (_error, stats) => {
      found[place] = stats;
      lookAtRest(resolve);
    });
  };
  const looks = Array.from({ length: STATS_AT_ONCE }, () => new Promise<void>(lookAtRest));
  return Promise.all(looks).then(() => found);
}
