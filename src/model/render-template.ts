import type { RichText } from './card/card.ts';
import { duration, joinSegments, type Segment, time } from './card/segments.ts';
import type { Diagnosis, RuleTexts, Verdict } from './diagnosis.ts';
import { FACT_CATALOGUE } from './fact-catalogue.ts';
import type { Facts, FactValue } from './facts.ts';
import { type LocalizedText, mapText } from './localized-text.ts';
import { formatSpan } from './time.ts';
import type { Language } from './vocabulary.ts';

/** Facts that are a number of seconds. */
const SECONDS = new Set(FACT_CATALOGUE.filter(({ unit }) => unit === 's').map(({ name }) => name));

/** The unit behind such a number, in the four languages. */
const UNIT_OF_SECONDS = /^ ?(s(?![a-z])|秒|초)/;

/** Facts that are a time in ISO 8601. */
const TIMES = new Set(['txTime']);

const OPTIONAL_SEGMENT = /\[\[((?:(?!\]\]).)*)\]\]/gs;

const PLACEHOLDER = /\{\{\s*([A-Za-z][\w.]*)\s*\}\}/g;

/** A stretch of a template: words with facts between them. */
interface TemplatePart {
  /** Vanishes as a whole when one of its facts is missing. */
  optional: boolean;
  /** One more than facts; they alternate, words first. */
  words: string[];
  facts: string[];
  /** Beside each fact, whether its number and the unit behind it are a span of time. */
  spans: boolean[];
}

/** Templates are few and rendered for each event, so each is taken apart once. */
const parsed = new Map<string, readonly TemplatePart[]>();

/** Above it all are forgotten; rule sets that are loaded again and again would fill the memory. */
const MAX_PARSED = 20_000;

function parsePart(text: string, optional: boolean): TemplatePart {
  // With a group in the pattern, split yields words and names in turn.
  const parts = text.split(PLACEHOLDER);
  const words = parts.filter((_part, place) => place % 2 === 0);
  const facts = parts.filter((_part, place) => place % 2 === 1);
  const spans = facts.map(
    (name, place) => SECONDS.has(name) && UNIT_OF_SECONDS.test(words[place + 1] ?? ''),
  );
  return { optional, words, facts, spans };
}

/** A text may stand in for a language that it is not in; the unit tells which one it is. */
function languageOf(unit: string | undefined, language: Language): Language {
  if (unit === '秒') {
    return language === 'ja' ? 'ja' : 'zh';
  }
  return unit === '초' ? 'ko' : 'en';
}

function printValue(value: FactValue, words: string, isSpan: boolean, language: Language): string {
  if (!isSpan || typeof value !== 'number' || value < 0) {
    return `${value}${words}`;
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
  const parsedParts = parts.map((part, place) => parsePart(part, place % 2 === 1));
  if (parsed.size >= MAX_PARSED) {
    parsed.clear();
  }
  parsed.set(template, parsedParts);
  return parsedParts;
}

/**
 * Fills a rule's text with facts. `{{name}}` becomes the fact's value; a `[[…]]` segment vanishes
 * as a whole when a fact named inside it is missing, so no sentence is ever left with a hole.
 * Outside a segment a missing fact leaves a question mark, which lint forbids for optional facts.
 * A number of seconds with its unit behind it (`{{secondsLive}} s`, `秒`, `초`) becomes a span that a
 * person can read, `2 h 5 min`.
 *
 * @param template - the text of a rule in one language
 * @param facts - the snapshot of the event
 * @param language - that language
 */
export function renderTemplate(template: string, facts: Facts, language: Language = 'en'): string {
  let text = '';
  for (const { optional, words, facts: names, spans } of parse(template)) {
    if (optional && !names.every((name) => Object.hasOwn(facts, name))) {
      continue;
    }
    text += words[0];
    for (const [place, name] of names.entries()) {
      const value = Object.hasOwn(facts, name) ? (facts[name] as FactValue) : '?';
      text += printValue(value, words[place + 1] as string, spans[place] as boolean, language);
    }
  }
  return text;
}

/**
 * Fills a rule's text with facts as {@link renderTemplate} does, but keeps times and durations typed,
 * so that the edge prints them in the reader's time zone and language.
 */
export function templateSegments(
  template: string,
  facts: Facts,
  language: Language = 'en',
): Segment[] {
  const parts: Segment[][] = [];
  for (const { optional, words, facts: names, spans } of parse(template)) {
    if (optional && !names.every((name) => Object.hasOwn(facts, name))) {
      continue;
    }
    parts.push([text(words[0] as string)]);
    for (const [place, name] of names.entries()) {
      const value = Object.hasOwn(facts, name) ? (facts[name] as FactValue) : '?';
      const after = words[place + 1] as string;
      if (spans[place] && typeof value === 'number' && value >= 0) {
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

  /** Rules may break lines; a card has one line for each part. */
  function text(words: string): Segment {
    return { kind: 'text', text: words.replace(/\s*\n\s*/g, ' ') };
  }
}

/** A rule's text in all languages that it has, or in those that are wanted. */
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

/** A fact's value as a piece of a sentence; a time stays a time. */
export function factSegment(name: string, value: FactValue): Segment {
  const at = TIMES.has(name) && typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? { kind: 'text', text: String(value) } : time(at);
}

/** Names of the facts that a template mentions, each once, in order of appearance. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map((found) => found[1] as string))];
}

/**
 * Gives a stored verdict its words again.
 *
 * @param texts - the words of the verdict's rule, by its hash; when they are gone the rule's name
 *   stands in, so that a verdict is never without a cause
 * @param facts - the snapshot that the verdict was reached on
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
