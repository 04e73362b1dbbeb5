import { type BreakRecord, silentSince } from '../model/break.ts';
import {
  CARD_PARTS,
  type Card,
  type CardPart,
  type Phrase,
  type RichText,
} from '../model/card/card.ts';
import type { RuleTexts } from '../model/diagnosis.ts';
import type { Incident, StreamStatus } from '../model/incident.ts';
import { fillRichText } from '../model/render-template.ts';
import type { Language } from '../model/vocabulary.ts';

/** Cause and fix of a break, its facts filled in. */
export interface CauseTexts {
  cause: RichText;
  /** Steps, the first one first; empty when the rule has none. */
  fix: readonly RichText[];
}

/** Everything that a card is written from. */
export interface CardRequest {
  incident: Incident;
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
}

const MAX_EVIDENCE = 3;
const MAX_ALTERNATES = 2;
const MAX_NOT_CHECKED = 3;

/** Writes the card of an incident. Parts of which nothing is known are left out. */
export function writeCard(request: CardRequest): Card {
  const { incident, texts, mute } = request;
  const { lostMs, streams } = incident;
  const facts: Record<CardPart, Phrase[][]> = {
    what: [[whatOf(incident)]],
    since: sinceOf(incident),
    now: [nowOf(request), ...(mute ? [[{ id: 'muted' as const, name: mute }]] : [])],
    why: whyOf(request),
    evidence: evidenceOf(incident),
    doNow: texts.fix.slice(0, 1).map((text) => [{ id: 'ruleText', text }]),
    impact: [[{ id: 'impact', lostMs, streams }]],
    seenBefore: seenBeforeOf(request),
    notSure: notSureOf(incident),
  };
  return CARD_PARTS.filter((part) => facts[part].length > 0).map((part) => ({
    part,
    facts: facts[part],
  }));
}

/**
 * Fills the texts of a break's rule with its facts.
 *
 * @param texts - of the rule; when they are gone the rule's name takes their place
 * @param wanted - languages to fill; all when absent
 */
export function causeTexts(
  { event, verdict }: BreakRecord,
  texts: Pick<RuleTexts, 'cause' | 'fix'> | undefined,
  wanted?: readonly Language[],
): CauseTexts {
  return texts
    ? {
        cause: fillRichText(texts.cause, event.facts, wanted),
        fix: texts.fix.map((step) => fillRichText(step, event.facts, wanted)),
      }
    : { cause: { en: [{ kind: 'text', text: verdict.rule.name }] }, fix: [] };
}

function whatOf({ scope, cause, share, liveBefore, streams }: Incident): Phrase {
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

function sinceOf({ startedAt, firstCut: cut }: Incident): Phrase[][] {
  const silent =
    cut && silentSince({ ...cut.verdict, startedAt: cut.event.startedAt, endedAt: startedAt });
  return [
    [{ id: 'startedAt', at: startedAt }],
    ...(silent == null ? [] : [[{ id: 'silentSince' as const, at: silent }]]),
  ];
}

function nowOf({ incident, status, now }: CardRequest): Phrase[] {
  const { state, startedAt, endedAt, streams, streamsDown } = incident;
  // Without this an incident of several outages reads as one long outage.
  const outages: Phrase[] =
    incident.outages > streams ? [{ id: 'outages', count: incident.outages }] : [];
  if (state !== 'open') {
    const ms = (endedAt ?? now) - startedAt;
    return [{ id: state === 'silent' ? 'closedSilent' : 'recoveredAfter', ms }, ...outages];
  }
  if (streams > 1) {
    const lasted = { ms: now - startedAt, since: startedAt };
    return [{ id: 'downOfStreams', down: streamsDown, streams, ...lasted }, ...outages];
  }
  const since = status?.since ?? startedAt;
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

function whyOf({ incident, texts, firstCause }: CardRequest): Phrase[][] {
  const { confidence, side } = incident.cause.verdict;
  return [
    [{ id: 'cause', text: texts.cause, side, confidence }],
    ...(firstCause ? [[{ id: 'firstCause' as const, text: firstCause.cause }]] : []),
  ];
}

function evidenceOf({ cause, afterEffects }: Incident): Phrase[][] {
  const facts = cause.verdict.evidence
    .slice(0, MAX_EVIDENCE)
    .map(({ fact, value }): Phrase[] => [{ id: 'evidence', fact, value }]);
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

function notSureOf({ cause, scope, share }: Incident): Phrase[][] {
  const { confidence, notChecked, alternates, category } = cause.verdict;
  const phrases: Phrase[] = [
    ...(category === 'unknown' ? [{ id: 'reasonUnknown' as const }] : []),
    ...(confidence === 'certain'
      ? []
      : alternates
          .slice(0, MAX_ALTERNATES)
          .map(({ id }) => ({ id: 'alternate' as const, alternate: id }))),
    ...(notChecked.length > 0
      ? [{ id: 'notChecked' as const, facts: notChecked.slice(0, MAX_NOT_CHECKED) }]
      : []),
    ...(scope.kind !== 'stream' && share === null ? [{ id: 'shareUnknown' as const }] : []),
  ];
  return phrases.map((phrase) => [phrase]);
}
