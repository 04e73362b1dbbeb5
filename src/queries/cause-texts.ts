import { LRUCache } from 'lru-cache';
import type { BreakRecord } from '../model/break.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import { pickText } from '../model/localized-text.ts';
import { renderTemplate } from '../model/render-template.ts';
import type { Language } from '../model/vocabulary.ts';
import type { Store } from '../store/store.ts';

/** More than the number of rule versions in a history of 400 days. */
const MAX_KEPT = 20_000;

/** Caches texts of rules by content hash. The texts of a hash never change. */
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

/** Cause and fix of one break in one language. */
export interface Wording {
  cause: string;
  /** Steps in order; empty when the texts of the rule are no longer stored. */
  fix: string[];
}

/**
 * Loads the texts of the rules of some breaks.
 *
 * @returns a function that returns the texts of one of these breaks; it fills in only one language, to save
 *   time in tables of up to 100,000 rows
 * @throws `STORE_FAILED`
 */
export async function createWording(
  records: readonly BreakRecord[],
  texts: RuleTextCache,
  language: Language,
): Promise<(record: BreakRecord) => Wording> {
  const found = await texts.get(records.map((record) => record.verdict.rule.hash));
  const single = new Map(
    [...found].map(([hash, allLanguages]) => [hash, pickLanguage(allLanguages, language)] as const),
  );
  return ({ event, verdict }) => {
    const ruleTexts = single.get(verdict.rule.hash);
    const fill = (text: string) => renderTemplate(text, event.facts, language);
    // The name of the rule replaces lost texts, so that every break has a cause.
    return ruleTexts
      ? { cause: fill(ruleTexts.cause), fix: ruleTexts.fix.map(fill) }
      : { cause: verdict.rule.name, fix: [] };
  };
}

function pickLanguage(texts: RuleTexts, language: Language): Wording {
  return {
    cause: pickText(texts.cause, language),
    fix: texts.fix.map((step) => pickText(step, language)),
  };
}
