import type { RuleSet } from '../../diagnosis/rule.ts';
import type { RuleAlert } from '../../model/alert.ts';
import type { AnswerError } from '../../model/errors.ts';
import type { EngineHealth } from '../../model/health.ts';
import type { LookupSource } from '../../queries/lookup.ts';
import { lookUp } from '../../reasons/lookup-code.ts';
import { setTeamCatalogue } from '../../reasons/match-reason.ts';
import { reasonById } from '../../reasons/reason-catalogue.ts';
import type { Store } from '../../store/store.ts';
import { keepRules, keepSince, type LastRules } from './kept-rules.ts';
import { ReasonDiagnosers } from './reason-diagnosers.ts';

/** What keeping rules needs from the store. */
type RuleStore = Pick<Store, 'putRuleTexts' | 'getState' | 'setState'>;

/** The rules that an engine uses, and the error that keeps newer ones from being in force. */
export class RulesInForce {
  readonly #store: RuleStore;
  readonly #now: () => number;
  #rules: RuleSet;
  #loadedAt: number;
  #error: AnswerError | null;

  private constructor(
    store: RuleStore,
    now: () => number,
    { rules, since }: { rules: RuleSet; since: number },
    error: AnswerError | null,
  ) {
    this.#store = store;
    this.#now = now;
    this.#rules = rules;
    this.#loadedAt = since;
    this.#error = error;
    this.lookup = createLookupSource(() => this.#rules);
    setTeamCatalogue(rules.catalogue);
  }

  /**
   * Puts the first rules in force.
   *
   * @param last - which rules were in force last; null for none
   * @param error - why the rules in the folders are not in force; null when they are
   * @throws `STORE_FAILED`
   */
  static async open(
    store: RuleStore,
    rules: RuleSet,
    last: LastRules | null,
    error: AnswerError | null,
    now: () => number,
  ): Promise<RulesInForce> {
    const isSame = last?.hash === rules.hash;
    const since = (isSame ? last.since : null) ?? now();
    if (!isSame) {
      await keepRules(store, rules);
    }
    if (!isSame || last.since === null) {
      await keepSince(store, { hash: rules.hash, since });
    }
    return new RulesInForce(store, now, { rules, since }, error);
  }

  /** Hash of the rule set. */
  get hash(): string {
    return this.#rules.hash;
  }

  get set(): RuleSet {
    return this.#rules;
  }

  /** The `alert` part of a rule; null when it has none. */
  alertOf(id: string): RuleAlert | null {
    return this.#rules.rules.find((rule) => rule.id === id)?.event.params.alert ?? null;
  }

  /** Tells whether a rule is in force and samples of CSS may speak against its cause. */
  isContradictable({ id, hash }: { id: string; hash: string }): boolean {
    const rule = this.#rules.rules.find((one) => one.id === id);
    return rule?.hash === hash && rule.event.params.contradictedBy !== undefined;
  }

  /** Answers with the rules that are in force when it is asked. */
  readonly lookup: LookupSource;

  get health(): EngineHealth['rules'] {
    const { hash: set, rules } = this.#rules;
    return { set, count: rules.length, loadedAt: this.#loadedAt, error: this.#error };
  }

  /**
   * Puts other rules in force.
   *
   * @param isKept - whether they are stored for the next start
   * @throws `STORE_FAILED`; the earlier rules then stay in force
   */
  async replace(rules: RuleSet, isKept: boolean): Promise<void> {
    const since = this.#now();
    if (!isKept) {
      await keepRules(this.#store, rules);
    }
    await keepSince(this.#store, { hash: rules.hash, since });
    setTeamCatalogue(rules.catalogue);
    this.#rules = rules;
    this.#loadedAt = since;
    this.#error = null;
  }

  /** Sets the error that keeps newer rules from being in force; null for none. */
  failed(error: AnswerError | null): void {
    this.#error = error;
  }
}

/**
 * Creates a source of lookups: what the rules conclude if only the reason is known.
 *
 * @param rules - called for each lookup
 */
export function createLookupSource(rules: () => RuleSet): LookupSource {
  let diagnosers = new ReasonDiagnosers(rules());
  return {
    entriesOf: async (text) => lookUp(text),
    async diagnoseReason(reason) {
      const known = reasonById(reason);
      if (!known) {
        return undefined;
      }
      const set = rules();
      if (set !== diagnosers.set) {
        diagnosers = new ReasonDiagnosers(set);
      }
      const [code] = known.codes;
      return diagnosers.of(reason).diagnose(
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
