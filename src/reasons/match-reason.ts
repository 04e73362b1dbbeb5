import { LRUCache } from 'lru-cache';
import type { ReasonCode } from '../model/break.ts';
import { findInQuotes } from './find-quoted.ts';
import { normalizeText } from './normalize-text.ts';
import {
  ALL_REASONS,
  PINNED_TEXTS,
  REASON_TEXTS,
  type Reason,
  reasonById,
  setTeamReasons,
  type TeamReason,
  teamReasons,
  UNRECOGNIZED,
} from './reason-catalogue.ts';
import { createFindSimilar, type FindSimilar } from './similar-text.ts';
import { cuesOf } from './text-cues.ts';

/** What a source reports about the reason of a break; all fields are optional. */
export interface ReasonInput {
  errcode?: number | null;
  subErrcode?: number | null;
  /** `StopReason` of the API or `errmsg` of a callback. */
  text?: string | null;
  /** Error code of bypass live. */
  bypassCode?: number | null;
}

/** The reason that was found, and the evidence for it. */
export interface ReasonMatch {
  /** Reason id; `unrecognized` when the input is in no catalogue. */
  reason: string;
  by: 'code' | 'text' | 'bypassCode' | 'none';
  /** The given code, or the only code of the text; null when there is neither. */
  code: ReasonCode | null;
  /** The given code, or the only code of the text; null when there is neither. */
  bypassCode: number | null;
  ground:
    | 'specific-code'
    | 'unambiguous-text'
    | 'ambiguous-code'
    | 'shared-text'
    | 'similar-text'
    | 'unrecognized';
  /** Ids of other reasons that the input could mean. */
  alternates: string[];
}

/** The only reason that is usually not a failure. */
const CLIENT_STOP = 'client_closed';

/** Reasons by `errcode/subErrcode`; the sub code is empty where CSS's table has none. */
const byCode = new Map<string, Reason>();
const byBypassCode = new Map<number, Reason>();
/** Reasons by normalized text. CSS's documents use some texts for several reasons. */
const byText = new Map<string, Reason[]>();
/** The same for the texts and codes of the team's catalogue. */
const teamByText = new Map<string, Reason[]>();
const teamByCode = new Map<string, Reason>();
/** errcode by normalized text, for texts that have one errcode of several. */
const errcodeOfText = new Map<string, number>();

for (const reason of ALL_REASONS) {
  // A code alone does not tell which of its sub codes is meant.
  for (const code of reason.coversSubCodes ? [] : reason.codes) {
    byCode.set(codeKey(code.errcode, code.subErrcode), reason);
  }
  for (const code of reason.bypassCodes) {
    byBypassCode.set(code, reason);
  }
  for (const words of Object.values(reason.texts).flat()) {
    const { text } = normalizeText(words);
    const known = byText.get(text) ?? [];
    if (!known.includes(reason)) {
      byText.set(text, [...known, reason]);
    }
  }
}
for (const entry of PINNED_TEXTS) {
  errcodeOfText.set(normalizeText(entry.text).text, entry.errcode);
}

/** Whether a text is a known reason text, however it is written; one that only resembles one is not. */
export function isReasonText(text: string): boolean {
  const wanted = normalizeText(text).text;
  return byText.has(wanted) || teamByText.has(wanted);
}

function codeKey(errcode: number, subErrcode: number | null): string {
  return `${errcode}/${subErrcode ?? ''}`;
}

function wholeNumber(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** The bypass code of a reason, or null when it has several. */
function onlyBypassCode(reason: Reason): number | null {
  return reason.bypassCodes.length === 1 ? (reason.bypassCodes[0] as number) : null;
}

function found(
  reason: Reason,
  by: ReasonMatch['by'],
  code: ReasonCode | null,
  alternates: readonly Reason[] = [],
): ReasonMatch {
  const sure = by === 'text' ? 'unambiguous-text' : 'specific-code';
  return {
    reason: reason.id,
    by,
    code,
    bypassCode: null,
    ground: reason.ambiguous ? 'ambiguous-code' : sure,
    alternates: [...new Set([...alternates.map((other) => other.id), ...reason.alternates])].filter(
      (id) => id !== reason.id,
    ),
  };
}

function notFound(code: ReasonCode | null, alternates: readonly Reason[] = []): ReasonMatch {
  return {
    reason: UNRECOGNIZED,
    by: 'none',
    code,
    bypassCode: null,
    ground: 'unrecognized',
    alternates: alternates.map((other) => other.id),
  };
}

/** Creates a match by text, from all reasons with this text. */
function foundByText(candidates: readonly Reason[], code: ReasonCode | null): ReasonMatch {
  const [first] = candidates as [Reason, ...Reason[]];
  const match = found(first, 'text', code, candidates);
  if (candidates.length > 1) {
    match.ground = 'shared-text';
  }
  if (first.kind === 'bypass') {
    match.bypassCode = onlyBypassCode(first);
  }
  return match;
}

/** With a team's texts; absent when there are none. */
let findSimilar: FindSimilar | undefined;
let findShipped: FindSimilar | undefined;

/**
 * Creates a match by a text that resembles a known one, if there is one. The code is never read from such a
 * text.
 *
 * @param errcode - the reason must have this errcode; any when absent
 */
function foundBySimilarText(
  text: string,
  code: ReasonCode | null,
  errcode?: number,
): ReasonMatch | undefined {
  findShipped ??= createFindSimilar(REASON_TEXTS);
  const similar = (findSimilar ?? findShipped)(text);
  const reason = similar ? reasonById(similar.reason) : undefined;
  if (!similar || !reason || (errcode !== undefined && !hasErrcode(reason, errcode))) {
    return undefined;
  }
  // Nothing needs to be done about a client's stop, so a wrong guess would hide a break.
  if (reason.id === CLIENT_STOP) {
    return undefined;
  }
  const { alternates } = similar;
  return {
    reason: reason.id,
    by: 'text',
    code,
    bypassCode: null,
    ground: 'similar-text',
    alternates,
  };
}

/** Creates a match by the texts that a longer one has in quotation marks, if all have one reason and none is denied. */
function foundByQuote(words: string): ReasonMatch | undefined {
  const text = words.slice(0, MAX_REMEMBERED_LENGTH);
  const reasonsOf = (part: string) => byText.get(normalizeText(part).text) ?? [];
  const quoted = findInQuotes(text, (part) => reasonsOf(part).length > 0);
  const around = quoted.reduce((rest, part) => rest.replace(part, ''), text);
  const [reason, ...others] = new Set(quoted.flatMap(reasonsOf));
  if (cuesOf(around).has('not')) {
    return undefined;
  }
  // Nothing needs to be done about a client's stop, so a wrong guess would hide a break.
  return reason === undefined || others.length > 0 || reason.id === CLIENT_STOP
    ? undefined
    : {
        reason: reason.id,
        by: 'text',
        code: null,
        bypassCode: null,
        ground: 'similar-text',
        alternates: reason.alternates.filter((id) => id !== reason.id),
      };
}

/** The code of the candidates if they have only one, or only one with the given errcode; else null. */
function onlyCode(candidates: readonly Reason[], errcode?: number): ReasonCode | null {
  const codes = candidates
    .flatMap((reason) => reason.codes)
    .filter((code) => errcode === undefined || code.errcode === errcode);
  return codes.length === 1 ? (codes[0] as ReasonCode) : null;
}

/** Whether the errcode has several reasons that only the sub code distinguishes. */
function needsSubCode(errcode: number): boolean {
  return (
    !byCode.has(codeKey(errcode, null)) && ALL_REASONS.some((reason) => hasErrcode(reason, errcode))
  );
}

function hasErrcode(reason: Reason, errcode: number | null): boolean {
  return reason.codes.some((code) => code.errcode === errcode);
}

/** A wording that a team adds to a reason. */
export interface TeamText {
  reason: string;
  language: string;
  text: string;
}

/** The reasons and texts that a team adds to the shipped ones. */
export interface TeamCatalogue {
  reasons: readonly TeamReason[];
  texts: readonly TeamText[];
}

/** A catalogue without entries. */
const NO_CATALOGUE: TeamCatalogue = { reasons: [], texts: [] };

let current = NO_CATALOGUE;

/**
 * Adds a team's reasons and texts to the shipped ones, in this thread, instead of those that were added
 * before. A text or code that the shipped catalogue has is not changed by them.
 *
 * @returns the catalogue that was set before
 */
export function setTeamCatalogue(catalogue: TeamCatalogue = NO_CATALOGUE): TeamCatalogue {
  const before = current;
  current = catalogue;
  const { reasons, texts } = catalogue;
  setTeamReasons(reasons);
  teamByText.clear();
  teamByCode.clear();
  for (const reason of teamReasons()) {
    for (const code of reason.codes) {
      const key = codeKey(code.errcode, code.subErrcode);
      if (!byCode.has(key) && !teamByCode.has(key)) {
        teamByCode.set(key, reason);
      }
    }
  }
  for (const { reason: id, text } of texts) {
    const reason = reasonById(id);
    const normalized = normalizeText(text).text;
    if (reason && !byText.has(normalized) && !teamByText.has(normalized)) {
      teamByText.set(normalized, [reason]);
    }
  }
  findSimilar = texts.length === 0 ? undefined : createFindSimilar([...REASON_TEXTS, ...texts]);
  remembered.clear();
  return before;
}

/** The id of the reason that has this code in the shipped catalogue; undefined for none. */
export function shippedReasonOfCode({ errcode, subErrcode }: ReasonCode): string | undefined {
  return byCode.get(codeKey(errcode, subErrcode))?.id;
}

/** Whether only the team's catalogue has this text. */
export function isTeamText(text: string): boolean {
  return teamByText.has(normalizeText(text).text);
}

/** The ids of the reasons that have this text in the shipped catalogue. */
export function shippedReasonsOf(text: string): string[] {
  return (byText.get(normalizeText(text).text) ?? []).map(({ id }) => id);
}

/** Whether two texts are the same to the matcher. */
export function isSameText(one: string, other: string): boolean {
  return normalizeText(one).text === normalizeText(other).text;
}

/** Matches by input. Sources repeat few reasons, and the search for a similar text is slow. */
const remembered = new LRUCache<string, ReasonMatch>({ max: 2_000 });
/** Longer texts are not remembered, to bound the memory. */
const MAX_REMEMBERED_LENGTH = 500;

/**
 * Finds the reason of a break. It never throws. Input that is in no catalogue is `unrecognized`, unless its
 * text closely resembles a known one: then the match has the ground `similar-text`, and no code of its own.
 *
 * A specific code has priority over a text; a text that means another reason then becomes an alternate. The
 * text decides when the code is not specific: 0 and other codes that mean "unknown" in CSS, and 18 and 21
 * without a sub code if the text belongs to that code. The text also decides when the code says that the
 * client stopped, because a break must not look like a normal stop. Some texts have two reasons (English
 * 18/201 and 18/203): the first one is the match, the other one an alternate.
 */
export function matchReason(input: ReasonInput): ReasonMatch {
  const { errcode, subErrcode, text, bypassCode } = input;
  if (typeof text === 'string' && text.length > MAX_REMEMBERED_LENGTH) {
    return match(input);
  }
  const key = JSON.stringify([errcode, subErrcode, bypassCode, text]);
  let known = remembered.get(key);
  if (known === undefined) {
    known = match(input);
    remembered.set(key, known);
  }
  // A copy, so that a caller's change does not affect later matches.
  return { ...known, alternates: [...known.alternates] };
}

function match(input: ReasonInput): ReasonMatch {
  const bypassCode = wholeNumber(input.bypassCode);
  const bypassReason = bypassCode === null ? undefined : byBypassCode.get(bypassCode);
  if (bypassReason) {
    return { ...found(bypassReason, 'bypassCode', null), bypassCode };
  }
  return { ...matchCss(input), ...(bypassCode === null ? {} : { bypassCode }) };
}

function matchCss(input: ReasonInput): ReasonMatch {
  const words = typeof input.text === 'string' ? input.text : '';
  const normalized = normalizeText(words);
  const candidates = byText.get(normalized.text) ?? teamByText.get(normalized.text) ?? [];
  // The number after a text counts only if it fits the text: `客户端主动断流(3)`.
  const fittingNumber = candidates.some((reason) => hasErrcode(reason, normalized.errcode))
    ? normalized.errcode
    : null;

  const given = wholeNumber(input.errcode);
  // CSS sends 0 when it has no code, so a number in the text is more specific.
  const errcode = given || (fittingNumber ?? errcodeOfText.get(normalized.text) ?? given);
  const subErrcode = wholeNumber(input.subErrcode) || null;

  if (errcode === null) {
    if (candidates.length > 0) {
      return foundByText(candidates, onlyCode(candidates));
    }
    // The number after an unknown text is only a hint.
    const hinted =
      normalized.errcode === null ? undefined : byCode.get(codeKey(normalized.errcode, null));
    return (
      foundBySimilarText(words, null) ??
      foundByQuote(words) ??
      notFound(null, hinted ? [hinted] : [])
    );
  }

  const code: ReasonCode = { errcode, subErrcode };
  const exact =
    byCode.get(codeKey(errcode, subErrcode)) ??
    teamByCode.get(codeKey(errcode, subErrcode)) ??
    // The sub code is ignored when the table has none for this errcode.
    byCode.get(codeKey(errcode, null)) ??
    teamByCode.get(codeKey(errcode, null));
  if (exact) {
    const other = candidates.filter((reason) => reason !== exact);
    if (exact.id === 'unknown' && other.length > 0) {
      return foundByText(other, code);
    }
    const specific = other.filter(({ id }) => id !== 'unknown');
    if (exact.id === CLIENT_STOP && specific.length > 0 && !candidates.includes(exact)) {
      const match = foundByText(specific, code);
      return { ...match, alternates: [...match.alternates, exact.id] };
    }
    if (exact.id === 'unknown' && candidates.length === 0) {
      const similar = foundBySimilarText(words, code);
      if (similar) {
        return similar;
      }
    }
    // A code that was read from the text counts as a match by text.
    const by = given === errcode ? 'code' : 'text';
    return found(exact, by, code, candidates.includes(exact) ? [] : other);
  }

  if (needsSubCode(errcode)) {
    const ofFamily = candidates.filter((reason) => hasErrcode(reason, errcode));
    return ofFamily.length > 0
      ? foundByText(ofFamily, (subErrcode === null && onlyCode(ofFamily, errcode)) || code)
      : ((candidates.length === 0 ? foundBySimilarText(words, code, errcode) : undefined) ??
          notFound(code, candidates));
  }
  return candidates.length > 0
    ? foundByText(candidates, code)
    : (foundBySimilarText(words, code) ?? notFound(code));
}
