import type { BreakRecord } from '../model/break.ts';
import {
  CARD_PARTS,
  type Card,
  type CardPart,
  type Phrase,
  type RichText,
} from '../model/card/card.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import type {
  DisplayedIncident,
  Incident,
  IncidentDisplay,
  StreamStatus,
} from '../model/incident.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import { SAMPLE_FINDINGS } from '../model/push.ts';
import { fillRichText } from '../model/render-template.ts';
import { titlesOfCauses } from '../model/titles-of-causes.ts';
import { LANGUAGES, type Language } from '../model/vocabulary.ts';
import { displayOf } from './display-incident.ts';
import { statusOfOutages } from './judge-stream.ts';
import { conflictOf, factsOfAll } from './words-of-scope.ts';

/** Cause and fix of a break, its facts filled in. */
export interface CauseTexts {
  cause: RichText;
  /** Steps, the first one first; empty when the rule has none. */
  fix: readonly RichText[];
}

/** An incident with its outages, or as it was stored. */
type CardIncident = Incident | DisplayedIncident;

/** Everything that a card is written from. */
export interface CardRequest {
  incident: CardIncident;
  /** Texts of the incident's cause. */
  texts: CauseTexts;
  /** Texts of its first cause, when it has one. */
  firstCause: CauseTexts | null;
  /** State of the stream, for an incident of one stream. */
  status: StreamStatus | null;
  /** Earlier breaks of this reason in this scope, and the last fix that was noted; null when unknown. */
  seen: {
    breaks: number;
    days: number;
    lastFixed?: { at: number; by: string; text: string } | null;
  } | null;
  /** Epoch ms UTC. */
  now: number;
  /** Name of the mute interval that keeps its alert from notifying; null or absent when none does. */
  mute?: string | null;
  /** Name of a reason by its id; absent when ids will do. */
  titleOfReason?(id: string): LocalizedText | undefined;
  /** Cause of a rule by its content hash; absent when ids will do. */
  causeOfRule?(hash: string): LocalizedText | undefined;
}

interface CardSource extends CardRequest {
  display: IncidentDisplay;
}

const MAX_EVIDENCE = 3;
/** Facts whose value is the id of a reason. */
const NAMES_REASON: ReadonlySet<string> = new Set(['reason', 'previousReason']);
const MAX_ALTERNATES = 2;
const MAX_NOT_CHECKED = 3;
/** A fault of the whole account affects at least this part of what is live. */
const MOST = 0.8;
/** The callbacks of an account's streams arrive within this time, ms; until then few of them prove nothing. */
const ARRIVAL_MS = 10_000;

/** Writes the card of an incident. Parts of which nothing is known are left out. */
export function writeCard(request: CardRequest): Card {
  const { incident, texts, mute } = request;
  const { lostMs, streams } = incident;
  const source: CardSource = { ...request, display: displayOf(incident, request.now) };
  const facts: Record<CardPart, Phrase[][]> = {
    what: [[whatOf(incident)]],
    since: sinceOf(source),
    now: [nowOf(source), ...(mute ? [[{ id: 'muted' as const, name: mute }]] : [])],
    streams: streamsOf(source),
    why: whyOf(request),
    evidence: evidenceOf(request),
    doNow: texts.fix.slice(0, 1).map((text) => [{ id: 'ruleText', text }]),
    impact: [[{ id: 'impact', lostMs, streams }]],
    seenBefore: seenBeforeOf(request),
    notSure: notSureOf(request),
  };
  return CARD_PARTS.filter((part) => facts[part].length > 0).map((part) => ({
    part,
    facts: facts[part],
  }));
}

/**
 * Fills the texts of a break's rule with its facts, as far as these are true of the whole incident.
 *
 * @param texts - of the rule; when they are gone the rule's name takes their place
 * @param wanted - languages to fill; all when absent
 */
export function causeTexts(
  { event, verdict }: BreakRecord,
  texts: Pick<RuleTexts, 'cause' | 'fix'> | undefined,
  incident: CardIncident,
  wanted?: readonly Language[],
): CauseTexts {
  const facts = factsOfAll(event.facts, incident);
  return texts
    ? {
        cause: fillRichText(texts.cause, facts, wanted),
        fix: texts.fix.map((step) => fillRichText(step, facts, wanted)),
      }
    : { cause: { en: [{ kind: 'text', text: verdict.rule.name }] }, fix: [] };
}

function whatOf({ scope, cause, share, liveBefore, streams }: CardIncident): Phrase {
  const { category } = cause.verdict;
  if (scope.kind === 'stream') {
    return { id: 'oneStream', category, scope };
  }
  return share === null || liveBefore === null
    ? { id: 'streamsOfScope', category, scope, streams }
    : {
        id: 'shareOfScope',
        category,
        scope,
        hit: Math.round(share * liveBefore),
        live: liveBefore,
      };
}

function sinceOf({ incident, display }: CardSource): Phrase[][] {
  const { silentSince: silent } = display;
  return [
    [{ id: 'startedAt', at: incident.startedAt }],
    ...(silent === null ? [] : [[{ id: 'silentSince' as const, at: silent }]]),
  ];
}

function nowOf({ incident, status, display, now }: CardSource): Phrase[] {
  const { state, startedAt, endedAt, streams, streamsDown } = incident;
  // Without this an incident of several outages reads as one long outage.
  const outages: Phrase[] =
    display.outages > streams ? [{ id: 'outages', count: display.outages }] : [];
  // Live at the moment, but it will break again: "recovered" would send the reader back to bed.
  const isFlapping =
    streams === 1
      ? stateOfStream(incident, status, now) === 'flapping'
      : display.shownStreams.some((stream) => stream.state === 'flapping');
  if (state === 'recovered' && isFlapping) {
    return [{ id: 'state', state: 'flapping' }, ...outages];
  }
  if (state !== 'open') {
    const ms = (endedAt ?? now) - startedAt;
    return [{ id: state === 'silent' ? 'closedSilent' : 'recoveredAfter', ms }, ...outages];
  }
  if (streams > 1) {
    const lasted = { ms: now - startedAt, since: startedAt };
    return [{ id: 'downOfStreams', down: streamsDown, streams, ...lasted }, ...outages];
  }
  // Of several outages only the last one is still open.
  const since = status?.since ?? display.downSince ?? startedAt;
  const phrases: Phrase[] = [
    { id: 'state', state: status?.state ?? 'down' },
    { id: 'lasted', ms: now - since, since },
  ];
  if (status === null) {
    return [...phrases, ...outages];
  }
  const { attempts, recentBreaks, deadline } = status;
  if (attempts > 0) {
    phrases.push({ id: 'refusedAttempts', count: attempts });
  }
  if (recentBreaks > 1) {
    phrases.push({ id: 'recentBreaks', count: recentBreaks });
  }
  if (deadline) {
    phrases.push({ id: 'changesAt', at: deadline });
  }
  return phrases;
}

function stateOfStream(incident: CardIncident, status: StreamStatus | null, now: number) {
  if (!('chains' in incident)) {
    return status?.state;
  }
  const [older] = incident.past?.streams.values() ?? [];
  return statusOfOutages(incident.chains, now, older)?.state;
}

/** The streams of an incident of several, each with its state. */
function streamsOf({ incident, display, now }: CardSource): Phrase[][] {
  if (incident.streams < 2) {
    return [];
  }
  const { shownStreams, domains } = display;
  const shown = shownStreams.map(({ downSince, endedAt, state, ...key }) => ({
    id: 'streamState' as const,
    stream: [...(domains > 1 ? [key.domain] : []), key.app, key.stream].join('/'),
    state,
    ms: (endedAt ?? now) - downSince,
    since: endedAt === null ? downSince : null,
  }));
  const more = incident.streams - shown.length;
  const phrases: Phrase[] = more > 0 ? [...shown, { id: 'moreStreams', count: more }] : shown;
  return phrases.map((phrase) => [phrase]);
}

function whyOf({ incident, texts, firstCause }: CardRequest): Phrase[][] {
  const { confidence, side, rule } = incident.cause.verdict;
  // Of two breaks with one cause, such as those of an unstable link, the first says nothing more.
  const isOther = incident.firstCause?.verdict.rule.id !== rule.id;
  return [
    [{ id: 'cause', text: texts.cause, side, confidence }],
    ...(firstCause && isOther ? [[{ id: 'firstCause' as const, text: firstCause.cause }]] : []),
  ];
}

function evidenceOf({ incident, titleOfReason }: CardRequest): Phrase[][] {
  const { cause, afterEffects } = incident;
  const common = factsOfAll(
    Object.fromEntries(cause.verdict.evidence.map(({ fact, value }) => [fact, value])),
    incident,
  );
  const found = cause.verdict.evidence.filter(({ fact }) => fact in common);
  // The line above says what CSS's reason means.
  const telling = found.filter(({ fact }) => fact !== 'reason');
  const facts = (telling.length > 0 ? telling : found)
    .slice(0, MAX_EVIDENCE)
    .map(({ fact, value }): Phrase[] => {
      const title = NAMES_REASON.has(fact) ? titleOfReason?.(String(value)) : undefined;
      return [{ id: 'evidence', fact, value, ...(title && { title }) }];
    });
  const count = Object.values(afterEffects).reduce((sum, breaks) => sum + breaks, 0);
  return count > 0 ? [...facts, [{ id: 'afterEffects', count }]] : facts;
}

function seenBeforeOf({ seen }: CardRequest): Phrase[][] {
  if (!seen) {
    return [];
  }
  const { breaks, days, lastFixed } = seen;
  const before: Phrase = breaks > 0 ? { id: 'seenBefore', breaks, days } : { id: 'notSeenBefore' };
  if (!lastFixed) {
    return [[before]];
  }
  const { at, by, text } = lastFixed;
  // Notes may have several lines; a card has one line for each part.
  const note = text.replace(/\s+/g, ' ').trim();
  return [[before], [{ id: 'lastFixed', note, by, at }]];
}

/** Says what CSS measured when it speaks against the cause. */
function contradictionOf({ cause, streams }: CardIncident): Phrase[] {
  const { ground, evidence } = cause.verdict;
  const found = (name: string) => evidence.find(({ fact }) => fact === name)?.value;
  const samples = SAMPLE_FINDINGS.find((finding) => finding === found('samplesBeforeBreak'));
  if (ground !== 'samples-contradict' || samples === undefined) {
    return [];
  }
  const numberOf = (name: string) => {
    const value = found(name);
    return typeof value === 'number' ? value : null;
  };
  return [
    {
      id: 'samplesContradict',
      samples,
      fps: numberOf('fpsBeforeBreak'),
      kbps: numberOf('videoRateBeforeBreak'),
      stream: streams > 1 ? cause.event.stream : null,
    },
  ];
}

/** Other causes, by name as far as their names are known. */
function alternatesOf({ incident, titleOfReason, causeOfRule }: CardRequest): Phrase[] {
  const { alternates, rule } = incident.cause.verdict;
  const shown = alternates.slice(0, MAX_ALTERNATES);
  const causeOf = (hash: string | undefined) =>
    hash === undefined ? undefined : causeOfRule?.(hash);
  const titles = titlesOfCauses(
    shown.map(({ hash }) => causeOf(hash)),
    causeOf(rule.hash),
    LANGUAGES,
  );
  return shown.map(({ id, kind }, index): Phrase => {
    const title = kind === 'reason' ? titleOfReason?.(id) : undefined;
    const cause = titles[index];
    return cause
      ? { id: 'otherCause', alternate: id, cause }
      : { id: 'alternate', alternate: id, ...(title && { title }) };
  });
}

function notSureOf(request: CardRequest): Phrase[][] {
  const { incident, now } = request;
  const { cause, scope, share, liveBefore, startedAt } = incident;
  const { confidence, notChecked, category } = cause.verdict;
  const conflict = conflictOf(incident);
  const isBillOfPart =
    category === 'billing' &&
    scope.kind === 'account' &&
    share !== null &&
    share < MOST &&
    now - startedAt >= ARRIVAL_MS;
  const phrases: Phrase[] = [
    ...contradictionOf(incident),
    ...(conflict ? [{ id: 'placesDiffer' as const, ...conflict }] : []),
    ...(isBillOfPart && liveBefore !== null
      ? [
          {
            id: 'billButSpared' as const,
            hit: Math.round(share * liveBefore),
            live: liveBefore,
          },
        ]
      : []),
    ...(category === 'unknown' ? [{ id: 'reasonUnknown' as const }] : []),
    ...(confidence === 'certain' ? [] : alternatesOf(request)),
    ...(notChecked.length > 0 && confidence !== 'certain'
      ? [{ id: 'notChecked' as const, facts: notChecked.slice(0, MAX_NOT_CHECKED) }]
      : []),
    ...(scope.kind !== 'stream' && share === null ? [{ id: 'shareUnknown' as const }] : []),
  ];
  return phrases.map((phrase) => [phrase]);
}
