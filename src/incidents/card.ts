import { formatSpan } from '../model/format-span.ts';
import type { Incident, Scope, StreamStatus } from '../model/incident.ts';
import { silentSince } from '../model/silent-since.ts';
import type { Language } from '../model/vocabulary.ts';
import { WORDS } from '../model/words.ts';
import { CARD_WORDS } from './card-words.ts';
import { formatMoment } from './format-moment.ts';

/** Cause and fix of a break in the card's language. */
export interface CardTexts {
  cause: string;
  /** Steps, the first one first; empty when nobody wrote any. */
  fix: readonly string[];
}

/** What a card is made of beside the incident. */
export interface CardRequest {
  incident: Incident;
  language: Language;
  /** Words of the incident's cause. */
  texts: CardTexts;
  /** Words of its first cause, when it has one. */
  firstCause: CardTexts | null;
  /** State of the stream, for an incident of one. */
  status: StreamStatus | null;
  /**
   * Earlier breaks of this reason in this scope, and what somebody wrote that it was mended by the
   * last time; null when nobody counted them.
   */
  seen: {
    breaks: number;
    days: number;
    lastFixed?: { at: number; by: string; text: string } | null;
  } | null;
  /** Epoch ms UTC. */
  now: number;
  /** IANA name of the reader's time zone; UTC when absent. */
  timeZone?: string;
  /** Name of the maintenance or schedule that keeps its alert quiet; null or absent when none does. */
  mute?: string | null;
}

/** Parts of a card, in the order in which they are read. */
export const CARD_PARTS = [
  'what',
  'since',
  'now',
  'why',
  'proof',
  'doNow',
  'impact',
  'seenBefore',
  'notSure',
] as const;
export type CardPart = (typeof CARD_PARTS)[number];

/** One line of a card; several texts are several facts. */
export interface CardLine {
  part: CardPart;
  label: string;
  texts: string[];
}

/** What the on-call has to see in the first 30 seconds, in one language, short enough for a phone. */
export type Card = CardLine[];

const MAX_PROOFS = 3;

/** Writes the card of an incident. Parts of which nothing is known are left out. */
export function writeCard(request: CardRequest): Card {
  const words = CARD_WORDS[request.language];
  const texts: Record<CardPart, string[]> = {
    what: [whatOf(request)],
    since: sinceOf(request),
    now: [nowOf(request), ...(request.mute ? [words.quiet(request.mute)] : [])],
    why: whyOf(request),
    proof: proofOf(request),
    doNow: request.texts.fix.slice(0, 1),
    impact: [words.impactIs(formatMinutes(request.incident.lostMs), request.incident.streams)],
    seenBefore: seenBeforeOf(request),
    notSure: notSureOf(request),
  };
  return CARD_PARTS.filter((part) => texts[part].length > 0).map((part) => ({
    part,
    label: words.parts[part],
    texts: texts[part],
  }));
}

/** Says what a scope is, e.g. `domain push.example.com`. */
export function printScope({ kind, value }: Scope, language: Language): string {
  return CARD_WORDS[language].scope[kind](value);
}

/** Minutes with one digit below ten, whole ones above. */
export function formatMinutes(ms: number): string {
  const minutes = ms / 60_000;
  return minutes < 10 ? String(Math.round(minutes * 10) / 10) : String(Math.round(minutes));
}

function whatOf({ incident, language }: CardRequest): string {
  const words = CARD_WORDS[language];
  const scope = printScope(incident.scope, language);
  const category = WORDS[language].category[incident.cause.verdict.category];
  if (incident.scope.kind === 'stream') {
    return words.one(scope, category);
  }
  const { share, liveBefore, streams } = incident;
  return share === null || liveBefore === null
    ? words.many(streams, scope, category)
    : words.share(Math.round(share * liveBefore), liveBefore, scope, category);
}

function sinceOf({ incident, language, timeZone }: CardRequest): string[] {
  const words = CARD_WORDS[language];
  const [first] = incident.chains;
  const cut = first?.firstCause;
  const silent =
    cut &&
    silentSince({
      ...cut.verdict,
      startedAt: cut.event.startedAt,
      endedAt: incident.startedAt,
    });
  return [
    formatMoment(incident.startedAt, timeZone),
    ...(silent == null ? [] : [words.silentSince(formatMoment(silent, timeZone))]),
  ];
}

function nowOf({ incident, language, status, now, timeZone }: CardRequest): string {
  const words = CARD_WORDS[language];
  const outages = incident.chains.length;
  // Else it reads as if it had been down all the time.
  const again = outages > incident.streams ? [words.outages(outages)] : [];
  if (incident.state !== 'open') {
    const span = formatSpan((incident.endedAt ?? now) - incident.startedAt, language);
    const end = incident.state === 'silent' ? words.silent(span) : words.back(span);
    return [end, ...again].join(words.comma);
  }
  if (incident.streams > 1) {
    const span = formatSpan(now - incident.startedAt, language);
    const down = words.downOf(incident.streamsDown, incident.streams, span);
    return [down, ...again].join(words.comma);
  }
  const state = words.states[status?.state ?? 'down'];
  const parts = [
    state,
    words.for(formatSpan(now - (status?.since ?? incident.startedAt), language)),
    ...(status && status.attempts > 0 ? [words.tries(status.attempts)] : []),
    ...(status === null ? again : []),
    ...(status && status.recentBreaks > 1 ? [words.recent(status.recentBreaks)] : []),
    ...(status?.deadline ? [words.until(formatMoment(status.deadline, timeZone))] : []),
  ];
  return parts.join(words.comma);
}

function whyOf({ incident, language, texts, firstCause }: CardRequest): string[] {
  const words = CARD_WORDS[language];
  const { confidence, side } = incident.cause.verdict;
  const names = WORDS[language];
  return [
    `${texts.cause} (${names.side[side]}${words.comma}${names.confidence[confidence]})`,
    ...(firstCause ? [words.first(firstCause.cause)] : []),
  ];
}

function proofOf({ incident, language }: CardRequest): string[] {
  const words = CARD_WORDS[language];
  const facts = incident.cause.verdict.evidence
    .slice(0, MAX_PROOFS)
    .map(({ fact, value, unit }) => `${fact} = ${value}${unit ? ` ${unit}` : ''}`);
  const followed = Object.values(incident.afterEffects).reduce((sum, count) => sum + count, 0);
  return followed > 0 ? [...facts, words.followed(followed)] : facts;
}

function seenBeforeOf({ seen, language, timeZone }: CardRequest): string[] {
  if (!seen) {
    return [];
  }
  const words = CARD_WORDS[language];
  const { breaks, days, lastFixed } = seen;
  return [
    breaks > 0 ? words.seen(breaks, days) : words.neverSeen,
    ...(lastFixed
      ? [words.lastFixed(lastFixed.text, lastFixed.by, formatMoment(lastFixed.at, timeZone))]
      : []),
  ];
}

function notSureOf({ incident, language }: CardRequest): string[] {
  const words = CARD_WORDS[language];
  const { confidence, notChecked, alternates, category } = incident.cause.verdict;
  return [
    ...(category === 'unknown' ? [words.unknown] : []),
    ...(confidence === 'certain' ? [] : alternates.slice(0, 2).map(({ id }) => words.orElse(id))),
    ...(notChecked.length > 0 ? [words.unchecked(notChecked.slice(0, 3).join(words.comma))] : []),
    ...(incident.scope.kind !== 'stream' && incident.share === null ? [words.shareUnknown] : []),
  ];
}
