import { stat } from 'node:fs/promises';
import type { RuleSet } from '../diagnosis/rule.ts';
import { findCatalogueFiles, findRuleFiles, loadPack } from '../diagnosis/rule-files/index.ts';
import { createDiagnoser, type Diagnoser, judgeRuleTests } from '../diagnosis/run/index.ts';
import type { RuleAlert } from '../model/alert.ts';
import { type AnswerError, BreakwatchError } from '../model/errors.ts';
import type { EngineHealth } from '../model/health.ts';
import type { LookupSource } from '../queries/lookup.ts';
import { lookUp } from '../reasons/lookup-code.ts';
import { setTeamCatalogue } from '../reasons/match-reason.ts';
import { reasonById } from '../reasons/reason-catalogue.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { Store } from '../store/store.ts';

/** The rules that an engine uses, and the error that keeps newer ones from being in force. */
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
   * @param error - why a rule file was left out; null for none
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

  /** The `alert` part of a rule; null when it has none. */
  alertOf(id: string): RuleAlert | null {
    return this.#rules.rules.find((rule) => rule.id === id)?.event.params.alert ?? null;
  }

  /** Tells whether samples of CSS may speak against the cause of a rule. */
  isContradictable(id: string): boolean {
    const rule = this.#rules.rules.find((one) => one.id === id);
    return rule?.event.params.contradictedBy !== undefined;
  }

  get lookup(): LookupSource {
    return this.#lookup;
  }

  get health(): EngineHealth['rules'] {
    const { hash: set, rules } = this.#rules;
    return { set, count: rules.length, loadedAt: this.#loadedAt, error: this.#error };
  }

  /** Puts other rules in force. @throws `STORE_FAILED`; the earlier rules then stay in force */
  async replace(rules: RuleSet): Promise<void> {
    this.#lookup = await storeRuleTexts(this.#store, rules);
    this.#rules = rules;
    this.#loadedAt = this.#now();
    this.#error = null;
  }

  /** Sets the error that keeps newer rules from being in force; null for none. */
  failed(error: AnswerError | null): void {
    this.#error = error;
  }
}

/** Stores the texts of rules, so that they exist before the first verdict refers to them. */
async function storeRuleTexts(
  store: Pick<Store, 'putRuleTexts'>,
  rules: RuleSet,
): Promise<LookupSource> {
  const diagnoser = createDiagnoser(rules);
  setTeamCatalogue(rules.catalogue);
  await store.putRuleTexts(diagnoser.texts());
  return createLookupSource(diagnoser);
}

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
 * Watches rules folders and puts a changed set in force if all of it is valid: every file loads, and
 * the tests inside the rules pass. Otherwise the current set stays in force. A test of a shipped rule may
 * fail because a team's rule wins: that is intended, and `rules test` accepts it too.
 *
 * Folders are polled, because system notifications do not work here: mounted configuration changes by
 * swapping links, network folders send none, and an editor's save is several changes. Two checks must
 * agree before a set is read, so that no half-written set is read.
 *
 * @returns stops watching
 */
export function watchRules(options: WatchRulesOptions): () => void {
  const { folders, fingerprint, onSet, onProblem, checkEveryMs = CHECK_EVERY_MS } = options;
  let { hash } = options;
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
    const files = [...(await findRuleFiles(folder)), ...(await findCatalogueFiles(folder))];
    for (const { path } of files) {
      // A broken link counts as a change; loading reports it.
      const found = await stat(path).catch(() => undefined);
      parts.push(`${path}|${found?.ino}|${found?.size}|${found?.mtimeMs}`);
    }
  }
  return parts.join('\n');
}

/** Creates a source of lookups: what the rules conclude if only the reason is known. */
export function createLookupSource(diagnoser: Diagnoser): LookupSource {
  return {
    entriesOf: async (text) => lookUp(text),
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
