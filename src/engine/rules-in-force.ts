import { stat } from 'node:fs/promises';
import type { RuleSet } from '../diagnosis/rule.ts';
import { findRuleFiles, loadPack } from '../diagnosis/rule-files/index.ts';
import { createDiagnoser, type Diagnoser, judgeRuleTests } from '../diagnosis/run/index.ts';
import { type AnswerError, BreakwatchError } from '../model/errors.ts';
import type { EngineHealth } from '../model/health.ts';
import type { LookupSource } from '../queries/lookup.ts';
import { reasonById } from '../reasons/reason-catalogue.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { Store } from '../store/store.ts';

/** The rules by which an engine judges, and why newer ones are not in force. */
export class RulesInForce {
  readonly #store: Pick<Store, 'putRuleTexts'>;
  readonly #now: () => number;
  #rules: RuleSet;
  #lookup: LookupSource;
  #loadedAt: number;
  #error: AnswerError | null;

  private constructor(
    store: Pick<Store, 'putRuleTexts'>,
    now: () => number,
    rules: RuleSet,
    lookup: LookupSource,
    error: AnswerError | null,
  ) {
    this.#store = store;
    this.#now = now;
    this.#rules = rules;
    this.#lookup = lookup;
    this.#loadedAt = now();
    this.#error = error;
  }

  /**
   * Puts the first rules in force.
   *
   * @param error - what is wrong with rule files that were left out
   * @throws `STORE_FAILED`
   */
  static async open(
    store: Pick<Store, 'putRuleTexts'>,
    rules: RuleSet,
    error: AnswerError | null,
    now: () => number,
  ): Promise<RulesInForce> {
    return new RulesInForce(store, now, rules, await storeRuleTexts(store, rules), error);
  }

  /** Hash of the rule set. */
  get hash(): string {
    return this.#rules.hash;
  }

  get lookup(): LookupSource {
    return this.#lookup;
  }

  get health(): EngineHealth['rules'] {
    const { hash: set, rules } = this.#rules;
    return { set, count: rules.length, loadedAt: this.#loadedAt, error: this.#error };
  }

  /** Puts others in force. @throws `STORE_FAILED`, and then those before stay */
  async replace(rules: RuleSet): Promise<void> {
    this.#lookup = await storeRuleTexts(this.#store, rules);
    this.#rules = rules;
    this.#loadedAt = this.#now();
    this.#error = null;
  }

  /** Says why newer ones are not in force; null when all is well again. */
  failed(error: AnswerError | null): void {
    this.#error = error;
  }
}

/** The words are kept before the first verdict that needs them. */
async function storeRuleTexts(
  store: Pick<Store, 'putRuleTexts'>,
  rules: RuleSet,
): Promise<LookupSource> {
  const diagnoser = createDiagnoser(rules);
  await store.putRuleTexts(diagnoser.texts());
  return createLookupSource(diagnoser);
}

const LOOK_EVERY_MS = 700;
/** A look may take this part of the time at most, however many rules there are. */
const LOOK_SHARE = 20;

/** What watching rules needs. */
export interface WatchRulesOptions {
  /** As `loadRules` takes them: from the lowest to the one that wins. */
  folders: readonly string[];
  /** Hash of the rule set in force. */
  hash: string;
  /** {@link fingerprintRules} from before that set was read, so that no change falls between. */
  fingerprint: string;
  /** Takes a new set that loads without a problem and passes its own tests. */
  onSet: (rules: RuleSet) => Promise<void>;
  /** Told why what is in the folders now is not in force; null when it is again. */
  onProblem: (error: BreakwatchError | null) => void;
  /** Time between two looks, ms. */
  checkEveryMs?: number;
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
  const { folders, fingerprint, onSet, onProblem, checkEveryMs = LOOK_EVERY_MS } = options;
  let { hash } = options;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let loaded = fingerprint;
  let last: string | undefined;

  async function look(): Promise<void> {
    const begun = performance.now();
    let took = 0;
    try {
      const seen = await fingerprintRules(folders);
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
      timer = setTimeout(look, Math.max(checkEveryMs, took * LOOK_SHARE));
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
export async function fingerprintRules(folders: readonly string[]): Promise<string> {
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

/** Answers lookups from the rules in force: what would they say if nothing but the reason was known? */
export function createLookupSource(diagnoser: Diagnoser): LookupSource {
  return {
    async diagnoseReason(reason) {
      const known = reasonById(reason);
      if (!known) {
        return undefined;
      }
      const [code] = known.codes;
      return diagnoser.diagnose(
        { reason },
        {
          reason,
          by: 'code',
          code: code ?? null,
          bypassCode: null,
          ground: known.ambiguous ? 'ambiguous-code' : 'specific-code',
          alternates: [],
        },
      );
    },
  };
}
