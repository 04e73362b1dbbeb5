import type { FactValue } from '../facts.ts';
import type { Scope, ScopeKind, StreamState } from '../incident.ts';
import type { LocalizedText } from '../localized-text.ts';
import type { Forewarning, SampleFinding } from '../push.ts';
import type { Category, Confidence, Language, Side } from '../vocabulary.ts';
import type { Segment } from './segments.ts';

/** One text in the languages in which it exists, e.g. the cause of a rule with its facts filled in. */
export type RichText = Partial<Record<Language, Segment[]>>;

/** Every phrase of cards and alerts with its values. */
interface PhraseValues {
  /** A text of a rule: a cause or a step. */
  ruleText: { text: RichText };
  oneStream: { category: Category; scope: Scope };
  streamsOfScope: { category: Category; scope: Scope; streams: number };
  shareOfScope: { category: Category; scope: Scope; hit: number; live: number };
  startedAt: { at: number };
  /** Approximate time from which viewers had no picture. */
  silentSince: { at: number };
  state: { state: StreamState };
  /** Both still grow; `since` is when they began, epoch ms UTC. */
  lasted: { ms: number; since: number };
  recoveredAfter: { ms: number };
  closedSilent: { ms: number };
  downOfStreams: { down: number; streams: number; ms: number; since: number };
  /** A stream of an incident. `since`: the start of its outage while it lasts, else null. */
  streamState: { stream: string; state: StreamState; ms: number; since: number | null };
  moreStreams: { count: number };
  refusedAttempts: { count: number };
  recentBreaks: { count: number };
  outages: { count: number };
  changesAt: { at: number };
  muted: { name: string };
  cause: { text: RichText; side: Side; confidence: Confidence };
  firstCause: { text: RichText };
  /** `title`: the name of the reason that the value is the id of. */
  evidence: { fact: string; value: FactValue; title?: LocalizedText };
  afterEffects: { count: number };
  /** Time without a push, summed over streams. */
  impact: { lostMs: number; streams: number };
  seenBefore: { breaks: number; days: number };
  notSeenBefore: object;
  lastFixed: { note: string; by: string; at: number };
  reasonUnknown: object;
  /** Id of another cause; `title`: the name of the reason that it is the id of. */
  alternate: { alternate: string; title?: LocalizedText };
  /** Another cause in a sentence, and the id of its rule. */
  otherCause: { alternate: string; cause: LocalizedText };
  /** Names of facts; a phrasebook gets their labels. */
  notChecked: { facts: string[] };
  shareUnknown: object;
  /** A bill stops all pushes, but only some broke. */
  billButSpared: { hit: number; live: number };
  /** The rule is about one place, but the streams were in several. */
  placesDiffer: { place: 'address' | 'node' | 'domain'; count: number };
  /** What CSS measured speaks against the cause. `stream` is given when the incident has several. */
  samplesContradict: {
    samples: SampleFinding;
    fps: number | null;
    kbps: number | null;
    stream: string | null;
  };
  blindTitle: { account: string };
  blindCause: object;
  blindStep: object;
  arrearsTitle: { account: string };
  arrearsCause: object;
  arrearsStep: object;
  stoppedTitle: { account: string };
  stoppedCause: object;
  stoppedStep: object;
  forewarningTitle: { streams: number; domain: string };
  /** `hasMore`: there are more streams than the examples. */
  forewarningCause: { examples: string[]; hasMore: boolean; firstAt: number };
  forewarningStep: object;
  testTitle: object;
  testCause: object;
  testStep: object;
}

type PhraseId = keyof PhraseValues;

/** A phrase without a language: its id in the phrasebook and its values. */
export type Phrase = { [Id in PhraseId]: { id: Id } & PhraseValues[Id] }[PhraseId];

/** Parts of a card in reading order. */
export const CARD_PARTS = [
  'what',
  'since',
  'now',
  'streams',
  'why',
  'evidence',
  'doNow',
  'impact',
  'seenBefore',
  'notSure',
] as const;
export type CardPart = (typeof CARD_PARTS)[number];

/** One line of a card. */
interface CardLine {
  part: CardPart;
  /** Facts of the line; the phrases of one fact are joined by commas. */
  facts: Phrase[][];
}

/**
 * What the on-call must see in the first 30 seconds: one line for each part that is known. A card has no
 * language, time zone or markup; `render-card.ts` adds them.
 */
export type Card = CardLine[];

/** The title of a card; null for an empty card. */
export function cardTitle(card: Card): Phrase | null {
  return firstPhrase(card, 'what');
}

/** The cause without side and confidence; null when the card names none. */
export function cardCause(card: Card): Phrase | null {
  const phrase = firstPhrase(card, 'why');
  return phrase?.id === 'cause' ? { id: 'ruleText', text: phrase.text } : phrase;
}

/** The one next step; null when the rule has none. */
export function cardStep(card: Card): Phrase | null {
  return firstPhrase(card, 'doNow');
}

function firstPhrase(card: Card, wanted: CardPart): Phrase | null {
  return card.find(({ part }) => part === wanted)?.facts[0]?.[0] ?? null;
}

/** Phrases that need no translation. */
type CommonPhraseId = 'ruleText' | 'startedAt' | 'state' | 'evidence';

/** Values as a phrasebook gets them: in one language, with translated names. */
type PhraseArguments<Id extends PhraseId> = {
  [Name in keyof PhraseValues[Id]]: Name extends 'text'
    ? Segment[]
    : Name extends 'category' | 'scope' | 'side' | 'confidence' | 'state' | 'cause'
      ? string
      : PhraseValues[Id][Name];
};

/** All texts of cards in one language. */
export interface Phrasebook {
  parts: Record<CardPart, string>;
  scopes: Record<ScopeKind, (value: string) => string>;
  states: Record<StreamState, string>;
  /** Separates phrases of one fact. */
  comma: string;
  phrases: {
    [Id in Exclude<PhraseId, CommonPhraseId>]: (values: PhraseArguments<Id>) => Segment[];
  };
}

/** The card of an alert that breaks of an account cannot be collected. */
export function blindCard(account: string): Card {
  return cardOf({ id: 'blindTitle', account }, { id: 'blindCause' }, { id: 'blindStep' });
}

/** The card of an alert that an account cannot push, as reported by the CSS API. */
export function serviceCard(account: string, service: 'arrears' | 'stopped'): Card {
  return service === 'arrears'
    ? cardOf({ id: 'arrearsTitle', account }, { id: 'arrearsCause' }, { id: 'arrearsStep' })
    : cardOf({ id: 'stoppedTitle', account }, { id: 'stoppedCause' }, { id: 'stoppedStep' });
}

/** The card of an alert that the next reconnect of live pushes will fail. */
export function forewarningCard({ domain, streams, examples, firstAt }: Forewarning): Card {
  return cardOf(
    { id: 'forewarningTitle', streams, domain },
    { id: 'forewarningCause', examples, hasMore: streams > examples.length, firstAt },
    { id: 'forewarningStep' },
  );
}

/** The card of a test alert. */
export function testCard(): Card {
  return cardOf({ id: 'testTitle' }, { id: 'testCause' }, { id: 'testStep' });
}

function cardOf(title: Phrase, cause: Phrase, step: Phrase): Card {
  return [
    { part: 'what', facts: [[title]] },
    { part: 'why', facts: [[cause]] },
    { part: 'doNow', facts: [[step]] },
  ];
}
