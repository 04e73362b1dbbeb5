import type { Facts } from './facts.ts';

const OPTIONAL_SEGMENT = /\[\[((?:(?!\]\]).)*)\]\]/gs;
const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g;

/** A stretch of a template: words with facts between them. */
interface Stretch {
  /** Vanishes as a whole when one of its facts is missing. */
  optional: boolean;
  /** One more than facts; they alternate, words first. */
  words: string[];
  facts: string[];
}

/** Templates are few and rendered for each event, so each is taken apart once. */
const parsed = new Map<string, readonly Stretch[]>();
/** Above it all are forgotten; rule sets that are loaded again and again would fill the memory. */
const MAX_PARSED = 20_000;

function stretch(text: string, optional: boolean): Stretch {
  // With a group in the pattern, split yields words and names in turn.
  const parts = text.split(PLACEHOLDER);
  return {
    optional,
    words: parts.filter((_part, place) => place % 2 === 0),
    facts: parts.filter((_part, place) => place % 2 === 1),
  };
}

function parse(template: string): readonly Stretch[] {
  const known = parsed.get(template);
  if (known) {
    return known;
  }
  const parts = template.split(OPTIONAL_SEGMENT);
  const stretches = parts.map((part, place) => stretch(part, place % 2 === 1));
  if (parsed.size >= MAX_PARSED) {
    parsed.clear();
  }
  parsed.set(template, stretches);
  return stretches;
}

/**
 * Fills a rule's text with facts. `{{name}}` becomes the fact's value; a `[[…]]` segment vanishes
 * as a whole when a fact named inside it is missing, so no sentence is ever left with a hole.
 * Outside a segment a missing fact leaves a question mark, which lint forbids for optional facts.
 *
 * @param template - the text of a rule in one language
 * @param facts - the snapshot of the event
 */
export function renderTemplate(template: string, facts: Facts): string {
  let text = '';
  for (const { optional, words, facts: names } of parse(template)) {
    if (optional && !names.every((name) => Object.hasOwn(facts, name))) {
      continue;
    }
    text += words[0];
    for (const [place, name] of names.entries()) {
      text += `${Object.hasOwn(facts, name) ? facts[name] : '?'}${words[place + 1]}`;
    }
  }
  return text;
}

/** Names of the facts that a template mentions, each once, in order of appearance. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((found) => found[1] as string))];
}
