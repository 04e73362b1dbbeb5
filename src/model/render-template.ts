import type { RichText } from './card/card.ts';
import { duration, joinSegments, type Segment, showInvisible, time } from './card/segments.ts';
import type { Diagnosis, RuleTexts, Verdict } from './diagnosis.ts';
import { FACT_CATALOGUE } from './fact-catalogue.ts';
import type { Facts, FactValue } from './facts.ts';
import { type LocalizedText, mapText } from './localized-text.ts';
import { formatSpan } from './time.ts';
import type { Language } from './vocabulary.ts';

/** Facts in seconds. */
const SECONDS = new Set(FACT_CATALOGUE.filter(({ unit }) => unit === 's').map(({ name }) => name));

/** The unit after such a number, in the four languages. */
const UNIT_OF_SECONDS = /^ ?(s(?![a-z])|秒|초)/;

/** Facts that are a time: epoch ms UTC, or a text in ISO 8601. */
const TIMES = new Set(
  FACT_CATALOGUE.filter(({ format }) => format === 'time').map(({ name }) => name),
);

const OPTIONAL_SEGMENT = /\[\[((?:(?!\]\]).)*)\]\]/gs;

const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g;

/** A part of a template: texts with facts between them. */
interface TemplatePart {
  /** The part is omitted when one of its facts is missing. */
  optional: boolean;
  /** The texts around the facts, one more than there are facts. */
  words: string[];
  facts: string[];
  /** For each fact, whether its number and the unit after it are a duration. */
  spans: boolean[];
}

/** Parsed templates: they are few, but are rendered for each event. */
const parsed = new Map<string, readonly TemplatePart[]>();

/** The cache is cleared at this size, because reloaded rule sets could fill the memory. */
const MAX_PARSED = 20_000;

function parsePart(text: string, optional: boolean): TemplatePart {
  // The pattern has a group, so split returns texts and names in turn.
  const parts = text.split(PLACEHOLDER);
  const words = parts.filter((_part, index) => index % 2 === 0);
  const facts = parts.filter((_part, index) => index % 2 === 1);
  const spans = facts.map(
    (name, index) => SECONDS.has(name) && UNIT_OF_SECONDS.test(words[index + 1] ?? ''),
  );
  return { optional, words, facts, spans };
}

/** Detects the language of a text by its unit, because a text may replace a missing translation. */
function languageOf(unit: string | undefined, language: Language): Language {
  if (unit === '秒') {
    return language === 'ja' ? 'ja' : 'zh';
  }
  return unit === '초' ? 'ko' : 'en';
}

function printValue(value: FactValue, words: string, isSpan: boolean, language: Language): string {
  if (!isSpan || typeof value !== 'number' || value < 0) {
    return `${showInvisible(String(value))}${words}`;
  }
  const unit = UNIT_OF_SECONDS.exec(words)?.[1];
  const span = formatSpan(value * 1_000, languageOf(unit, language));
  return `${span}${words.replace(UNIT_OF_SECONDS, '')}`;
}

function parse(template: string): readonly TemplatePart[] {
  const known = parsed.get(template);
  if (known) {
    return known;
  }
  const parts = template.split(OPTIONAL_SEGMENT);
  const parsedParts = parts.map((part, index) => parsePart(part, index % 2 === 1));
  if (parsed.size >= MAX_PARSED) {
    parsed.clear();
  }
  parsed.set(template, parsedParts);
  return parsedParts;
}

/**
 * Fills facts into a text of a rule. `{{name}}` becomes the value of the fact. A `[[…]]` segment is omitted
 * when one of its facts is missing. Outside of segments a missing fact becomes a question mark; lint
 * forbids that for optional facts. A number of seconds with its unit (`{{secondsLive}} s`, `秒`, `초`)
 * becomes a readable duration such as `2 h 5 min`.
 *
 * @param template - the text in one language
 * @param facts - the snapshot of the event
 * @param language - language of the template
 */
export function renderTemplate(template: string, facts: Facts, language: Language = 'en'): string {
  let text = '';
  for (const { optional, words, facts: names, spans } of parse(template)) {
    if (optional && !names.every((name) => Object.hasOwn(facts, name))) {
      continue;
    }
    text += words[0];
    for (const [index, name] of names.entries()) {
      const value = Object.hasOwn(facts, name) ? (facts[name] as FactValue) : '?';
      const plain = spans[index] ? value : printPlainFact(name, value);
      text += printValue(plain, words[index + 1] as string, spans[index] as boolean, language);
    }
  }
  return text;
}

/**
 * Like {@link renderTemplate}, but keeps times and durations typed, because the view prints them in the
 * reader's time zone and language.
 */
function templateSegments(template: string, facts: Facts, language: Language = 'en'): Segment[] {
  const parts: Segment[][] = [];
  for (const { optional, words, facts: names, spans } of parse(template)) {
    if (optional && !names.every((name) => Object.hasOwn(facts, name))) {
      continue;
    }
    parts.push([text(words[0] as string)]);
    for (const [index, name] of names.entries()) {
      const value = Object.hasOwn(facts, name) ? (facts[name] as FactValue) : '?';
      const after = words[index + 1] as string;
      if (spans[index] && typeof value === 'number' && value >= 0) {
        const unit = UNIT_OF_SECONDS.exec(after)?.[1];
        const isOwn = languageOf(unit, language) === language;
        const span = printValue(value, unit ?? '', true, language);
        parts.push([
          isOwn ? duration(value * 1_000) : text(span),
          text(after.replace(UNIT_OF_SECONDS, '')),
        ]);
      } else {
        parts.push([factSegment(name, value), text(after)]);
      }
    }
  }
  return joinSegments(parts, '');

  /** Joins lines, because a card has one line for each part. */
  function text(words: string): Segment {
    return { kind: 'text', text: words.replace(/\s*\n\s*/g, ' ') };
  }
}

/** Fills facts into a text of a rule, in all its languages or in the wanted ones. */
export function fillRichText(
  text: LocalizedText,
  facts: Facts,
  wanted: readonly Language[] = Object.keys(text) as Language[],
): RichText {
  const filled: RichText = {};
  for (const language of wanted) {
    const own = text[language] === undefined ? 'en' : language;
    filled[own] ??= templateSegments(text[own] ?? text.en, facts, own);
  }
  return filled;
}

/** The time in a fact, epoch ms UTC; undefined when it is not a time. */
function timeOfFact(name: string, value: FactValue): number | undefined {
  const at = TIMES.has(name) ? new Date(value as string | number).getTime() : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** Prints the value of a fact without its unit; a time that is a number in ISO 8601, UTC. */
export function printPlainFact(name: string, value: FactValue): string {
  const at = typeof value === 'number' ? timeOfFact(name, value) : undefined;
  return at === undefined ? String(value) : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Converts the value of a fact to a segment; a time stays typed. */
export function factSegment(name: string, value: FactValue): Segment {
  const at = timeOfFact(name, value);
  return at === undefined ? { kind: 'text', text: String(value) } : time(at);
}

/** Lists the facts of a template, each once, in order of appearance. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((found) => found[1] as string))];
}

/**
 * Adds the texts to a stored verdict.
 *
 * @param texts - the texts of the verdict's rule; without them the name of the rule is the cause
 * @param facts - the snapshot that was diagnosed
 */
export function renderDiagnosis(
  verdict: Verdict,
  texts: Pick<RuleTexts, 'cause' | 'fix'> | undefined,
  facts: Facts,
): Diagnosis {
  const fill = (text: LocalizedText) =>
    mapText(text, (words, language) => renderTemplate(words, facts, language));
  return {
    ...verdict,
    cause: texts ? fill(texts.cause) : { en: verdict.rule.name },
    fix: texts ? texts.fix.map(fill) : [],
  };
}
