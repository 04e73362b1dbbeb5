import type { RuleSet } from '../diagnosis/rule.ts';
import { createDiagnoser } from '../diagnosis/run/index.ts';
import type { AnswerError, EngineHealth } from '../model/query.ts';
import type { LookupSource } from '../queries/lookup/lookup-source.ts';
import type { Store } from '../store/store.ts';
import { createLookupSource } from './create-lookup-source.ts';

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
    return new RulesInForce(store, now, rules, await keepWords(store, rules), error);
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
    this.#lookup = await keepWords(this.#store, rules);
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
async function keepWords(
  store: Pick<Store, 'putRuleTexts'>,
  rules: RuleSet,
): Promise<LookupSource> {
  const diagnoser = createDiagnoser(rules);
  await store.putRuleTexts(diagnoser.texts());
  return createLookupSource(diagnoser);
}
