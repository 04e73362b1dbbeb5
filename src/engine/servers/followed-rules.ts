import type { RuleSet } from '../../diagnosis/rule.ts';
import type { RuleAlert } from '../../model/alert.ts';
import type { EngineHealth } from '../../model/health.ts';
import type { LookupSource } from '../../queries/lookup.ts';
import { setTeamCatalogue } from '../../reasons/match-reason.ts';
import type { Store } from '../../store/store.ts';
import { readKeptRules, readLastRules } from '../rules/kept-rules.ts';
import { createLookupSource } from '../rules/rules-in-force.ts';

/** How often it is looked whether other rules are in force, ms. */
const LOOK_EVERY_MS = 5_000;

/** The rules that the leader has put in force, on a server that does not lead. */
export class FollowedRules {
  readonly #store: Pick<Store, 'getState'>;
  #rules: RuleSet;
  #loadedAt: number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(store: Pick<Store, 'getState'>, rules: RuleSet, loadedAt: number) {
    this.#store = store;
    this.#rules = rules;
    this.#loadedAt = loadedAt;
    this.lookup = createLookupSource(() => this.#rules);
  }

  /**
   * Reads the rules in force, and follows them until it is closed.
   *
   * @param own - the rules to use while none are in force, as on the first start of the first server
   * @param now - epoch ms UTC
   * @throws `STORE_FAILED`
   */
  static async open(
    store: Pick<Store, 'getState'>,
    own: () => Promise<RuleSet>,
    now: number,
  ): Promise<FollowedRules> {
    const last = await readLastRules(store);
    const rules = (last && (await readKeptRules(store))) ?? (await own());
    const followed = new FollowedRules(store, rules, last?.since ?? now);
    followed.#schedule();
    return followed;
  }

  readonly lookup: LookupSource;

  get set(): RuleSet {
    return this.#rules;
  }

  get health(): EngineHealth['rules'] {
    const { hash: set, rules } = this.#rules;
    return { set, count: rules.length, loadedAt: this.#loadedAt, error: null };
  }

  /** The `alert` part of a rule; null when it has none. */
  alertOf(id: string): RuleAlert | null {
    return this.#rules.rules.find((rule) => rule.id === id)?.event.params.alert ?? null;
  }

  /** Uses the reasons of these rules for all that this process reads from now on. */
  takeCatalogue(): void {
    setTeamCatalogue(this.#rules.catalogue);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      // While the database cannot be asked, the rules stay.
      void this.#look()
        .catch(() => undefined)
        .finally(() => this.#timer && this.#schedule());
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const last = await readLastRules(this.#store);
    if (last === null || last.hash === this.#rules.hash) {
      return;
    }
    const rules = await readKeptRules(this.#store);
    if (rules !== null) {
      this.#rules = rules;
      this.takeCatalogue();
      this.#loadedAt = last.since ?? this.#loadedAt;
    }
  }
}
