import { labelOfFact } from './describe-fact.ts';
import type { Language } from './vocabulary.ts';

const OPTIONAL_SEGMENT = /\[\[(?:(?!\]\]).)*\]\]/gs;
const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g;

/**
 * Writes a text of a rule for people who read the rule itself: without the parts that vanish when a fact is missing,
 * and with `⟨label⟩` in place of each other fact.
 */
export function templateWords(template: string, language: Language): string {
  return template
    .replace(OPTIONAL_SEGMENT, '')
    .replace(PLACEHOLDER, (_all, name: string) => `⟨${labelOfFact(name, language)}⟩`);
}
