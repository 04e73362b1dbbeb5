import type { RuleTexts } from '../../model/diagnosis.ts';
import type { Store } from '../../store/store.ts';

/** Far more than the versions of rules that a history of 400 days holds. */
const MAX_KEPT = 20_000;

/** Words of rules by content hash. What a hash stands for never changes, so each is read once. */
export class RuleTextCache {
  readonly #store: Pick<Store, 'ruleTexts'>;
  readonly #known = new Map<string, RuleTexts>();

  constructor(store: Pick<Store, 'ruleTexts'>) {
    this.#store = store;
  }

  /**
   * The words of the named rules; a hash whose words are gone is absent.
   *
   * @throws `STORE_FAILED`
   */
  async get(hashes: Iterable<string>): Promise<Map<string, RuleTexts>> {
    const wanted = new Set(hashes);
    const missing = [...wanted].filter((hash) => !this.#known.has(hash));
    const read = missing.length > 0 ? await this.#store.ruleTexts(missing) : [];
    const found = new Map<string, RuleTexts>();
    for (const texts of read) {
      found.set(texts.ruleHash, texts);
    }
    for (const hash of wanted) {
      const known = this.#known.get(hash);
      if (known) {
        found.set(hash, known);
      }
    }
    if (this.#known.size + read.length > MAX_KEPT) {
      this.#known.clear();
    }
    for (const texts of read) {
      this.#known.set(texts.ruleHash, texts);
    }
    return found;
  }
}
