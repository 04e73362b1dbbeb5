import type { RuleSet } from '../../diagnosis/rule.ts';
import type { BreakwatchError, Log } from '../../model/errors.ts';
import { checkRules } from '../rules/check-rules.ts';
import { fingerprintRules, watchRules } from '../rules/watch-rules.ts';

/** The rules in the folders of one of several servers. They are in force when somebody publishes them. */
export class OwnRuleFiles {
  readonly #log: Log;
  #set: RuleSet | undefined;
  #error: BreakwatchError | null = null;
  #stop: () => Promise<void> = async () => undefined;

  private constructor(log: Log) {
    this.#log = log;
  }

  /**
   * Reads the folders, and follows their changes until it is closed. Never throws: what is wrong with them is in `error`.
   *
   * @param folders - the shipped folder first; a later folder overrides an earlier one
   * @param inForce - rules that passed their tests before
   */
  static async open(folders: readonly string[], inForce: RuleSet, log: Log): Promise<OwnRuleFiles> {
    const files = new OwnRuleFiles(log);
    const fingerprint = await fingerprintRules(folders).catch(() => '');
    const checked = await checkRules(folders, inForce.hash);
    if ('rules' in checked) {
      files.#set = checked.rules;
    } else {
      files.#failed(checked.error);
    }
    const known = files.#set ?? inForce;
    files.#stop = watchRules({
      folders,
      store: null,
      rules: known,
      tested: 'rules' in checked ? checked.tested : undefined,
      fingerprint,
      onSet: async (set) => {
        files.#set = set;
      },
      onProblem: (error) => {
        if (error === null) {
          files.#error = null;
          files.#set ??= known;
        } else {
          files.#failed(error);
        }
      },
    });
    return files;
  }

  /** The last rules of the folders that are valid; undefined when they never were. */
  get set(): RuleSet | undefined {
    return this.#set;
  }

  /** Why what is in the folders now cannot be published; null when it can. */
  get error(): BreakwatchError | null {
    return this.#error;
  }

  close(): Promise<void> {
    return this.#stop();
  }

  #failed(error: BreakwatchError): void {
    this.#error = error;
    this.#log('error', `rule files: ${error.code}: ${error.message} ${error.remedy}`);
  }
}
