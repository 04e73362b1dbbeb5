import type { Facts } from './facts.ts';

const OPTIONAL_SEGMENT = /\[\[((?:(?!\]\]).)*)\]\]/gs;
const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g;

/**
 * Fills a rule's text with facts. `{{name}}` becomes the fact's value; a `[[…]]` segment vanishes
 * as a whole when a fact named inside it is missing, so no sentence is ever left with a hole.
 * Outside a segment a missing fact leaves a question mark, which lint forbids for optional facts.
 *
 * @param template - the text of a rule in one language
 * @param facts - the snapshot of the event
 */
export function renderTemplate(template: string, facts: Facts): string {
  const withoutHoles = template.replace(OPTIONAL_SEGMENT, (_whole, segment: string) =>
    placeholdersOf(segment).every((name) => Object.hasOwn(facts, name)) ? segment : '',
  );
  return withoutHoles.replace(PLACEHOLDER, (_whole, name: string) =>
    Object.hasOwn(facts, name) ? String(facts[name]) : '?',
  );
}

/** Names of the facts that a template mentions, each once, in order of appearance. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((found) => found[1] as string))];
}
