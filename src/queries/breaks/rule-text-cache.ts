import { LRUCache } from 'lru-cache';
import type { RuleTexts } from '../../model/diagnosis.ts';
import type { Store } from '../../store/store.ts';

/** Far more than the versions of rules that a history of 400 days holds. */
const MAX_KEPT = 20_000;

/** Texts of rules by content hash. The texts of a hash never change, so each is read once. */
export class RuleTextCache {
  readonly #store: Pick<Store, 'ruleTexts'>;
  readonly #known = new LRUCache<string, RuleTexts>({ max: MAX_KEPT });

  constructor(store: Pick<Store, 'ruleTexts'>) {
    this.#store = store;
  }

  /**
   * Returns the texts of the named rules; a hash whose texts are not stored is absent.
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
    for (const texts of read) {
      this.#known.set(texts.ruleHash, texts);
    }
    return found;
  }
}
