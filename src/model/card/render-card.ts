import { factSegments, labelOfFact } from '../describe-fact.ts';
import type { Scope } from '../incident.ts';
import { pickText, WORDS } from '../localized-text.ts';
import { formatSpan } from '../time.ts';
import { LANGUAGES, type Language } from '../vocabulary.ts';
import {
  type Card,
  type CardPart,
  cardCause,
  cardStep,
  cardTitle,
  type Phrase,
  type Phrasebook,
  type RichText,
} from './card.ts';
import { en } from './phrases-en.ts';
import { ja } from './phrases-ja.ts';
import { ko } from './phrases-ko.ts';
import { zh } from './phrases-zh.ts';
import {
  joinSegments,
  printSegments,
  type Reader,
  type Segment,
  say,
  showInvisible,
  time,
} from './segments.ts';

const PHRASEBOOKS: Record<Language, Phrasebook> = { en, zh, ja, ko };
/** Separates the facts of one line: those of `why` are sentences. */
export function factSeparator(part: CardPart): string {
  return part === 'why' ? ' ' : '; ';
}
const MARKDOWN_MARKUP = /[\\`*_[\]<>|~#]/g;

/** One line of a card in one language; times and durations are not printed yet. */
export interface LocalizedLine {
  part: CardPart;
  label: string;
  facts: Segment[][];
}

/** Translates a card, for views that print times themselves. */
export function localizeCard(card: Card, language: Language): LocalizedLine[] {
  const { parts, comma } = PHRASEBOOKS[language];
  return card.map(({ part, facts }) => ({
    part,
    label: parts[part],
    facts: facts.map((phrases) =>
      joinSegments(
        phrases.map((phrase) => localizePhrase(phrase, language)),
        comma,
      ),
    ),
  }));
}

/** Prints the facts of a line as one line of text; see {@link printSegments}. */
export function printFacts(
  { part, facts }: LocalizedLine,
  reader: Reader,
  escapeMarkup?: (text: string) => string,
): string {
  return facts.map((fact) => printSegments(fact, reader, escapeMarkup)).join(factSeparator(part));
}

/** Prints one phrase as plain text; an absent one as an empty text. */
export function printPhrase(phrase: Phrase | null, reader: Reader): string {
  return phrase === null ? '' : printSegments(localizePhrase(phrase, reader.language), reader);
}

/** Renders a card as plain text: one line for each part, the first one without a label. */
export function toPlainText(card: Card, reader: Reader): string {
  return localizeCard(card, reader.language)
    .map((line) => {
      const text = printFacts(line, reader);
      return line.part === 'what' ? text : `${line.label}: ${text}`;
    })
    .join('\n');
}

/** Renders a card as Markdown: the first line bold, then one line for each part. */
export function toMarkdown(card: Card, reader: Reader): string {
  return localizeCard(card, reader.language)
    .map((line) => {
      const text = printFacts(line, reader, escapeMarkdown);
      return line.part === 'what' ? `**${text}**` : `**${line.label}:** ${text}`;
    })
    .join('  \n');
}

/** A card as texts for one reader. */
export interface RenderedCard {
  /** One line of plain text, as are cause and next step; each is empty when the card has none. */
  title: string;
  cause: string;
  doNow: string;
  /** The whole card as Markdown. */
  card: string;
}

/** Renders a card for tables and APIs. */
export function renderCard(card: Card, reader: Reader): RenderedCard {
  return {
    title: printPhrase(cardTitle(card), reader),
    cause: printPhrase(cardCause(card), reader),
    doNow: printPhrase(cardStep(card), reader),
    card: toMarkdown(card, reader),
  };
}

/** Names a scope, e.g. `domain push.example.com`. */
export function printScope({ kind, value }: Scope, language: Language): string {
  return showInvisible(PHRASEBOOKS[language].scopes[kind](value));
}

function escapeMarkdown(text: string): string {
  return text.replace(MARKDOWN_MARKUP, '\\$&');
}

function localizePhrase(phrase: Phrase, language: Language): Segment[] {
  switch (phrase.id) {
    case 'ruleText':
      return pickRichText(phrase.text, language);
    case 'startedAt':
      return [time(phrase.at)];
    case 'state':
      return say`${PHRASEBOOKS[language].states[phrase.state]}`;
    case 'evidence':
      return factSegments(
        phrase.fact,
        phrase.title ? pickText(phrase.title, language) : phrase.value,
        language,
      );
    default: {
      const write = PHRASEBOOKS[language].phrases[phrase.id] as (values: object) => Segment[];
      return write(translateNames(phrase, language));
    }
  }
}

/** Gives the values of a phrase the form that `PhraseArguments` describes. */
function translateNames(phrase: Phrase, language: Language): object {
  const names = WORDS[language];
  const { scopes, states } = PHRASEBOOKS[language];
  return {
    ...phrase,
    ...('text' in phrase ? { text: pickRichText(phrase.text, language) } : {}),
    ...('category' in phrase ? { category: names.category[phrase.category] } : {}),
    ...('scope' in phrase ? { scope: scopes[phrase.scope.kind](phrase.scope.value) } : {}),
    ...('state' in phrase ? { state: states[phrase.state] } : {}),
    ...('facts' in phrase
      ? { facts: phrase.facts.map((name) => labelOfFact(name, language)) }
      : {}),
    ...(phrase.id === 'alternate' && phrase.title
      ? { alternate: pickText(phrase.title, language) }
      : {}),
    ...('cause' in phrase ? { cause: pickText(phrase.cause, language) } : {}),
    ...('side' in phrase
      ? { side: names.side[phrase.side], confidence: names.confidence[phrase.confidence] }
      : {}),
  };
}

/** Falls back to English, then to any language; durations then stay in the language of the text. */
function pickRichText(text: RichText, language: Language): Segment[] {
  const found = [language, ...LANGUAGES].find((name) => text[name] !== undefined) ?? language;
  const segments = text[found] ?? [];
  return found === language
    ? segments
    : segments.map((segment) =>
        segment.kind === 'duration'
          ? { kind: 'text', text: formatSpan(segment.ms, found) }
          : segment,
      );
}
