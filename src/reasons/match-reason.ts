import type { ReasonCode } from '../model/break.ts';
import { normalizeText } from './normalize-text.ts';
import { ALL_REASONS, PINNED_TEXTS, type Reason, UNRECOGNIZED } from './reason-catalogue.ts';

/** What a source tells of a break's reason; anything may be missing. */
export interface ReasonInput {
  errcode?: number | null;
  subErrcode?: number | null;
  /** `StopReason` of the API or `errmsg` of a callback. */
  text?: string | null;
  /** Error code of bypass live. */
  bypassCode?: number | null;
}

/** The reason that was found, and what it rests on. */
export interface ReasonMatch {
  /** Reason id; `unrecognized` when no catalogue knows the input. */
  reason: string;
  by: 'code' | 'text' | 'bypassCode' | 'none';
  /** As given, or told by the text alone; null when neither tells it. */
  code: ReasonCode | null;
  /** As given, or told by the text alone. */
  bypassCode: number | null;
  ground: 'specific-code' | 'unambiguous-text' | 'ambiguous-code' | 'shared-text' | 'unrecognized';
  /** Ids of other reasons that the input could mean as well. */
  alternates: string[];
}

/** The one reason that is no failure, as a rule. */
const CLIENT_STOP = 'client_closed';

/** Reasons by `errcode/subErrcode`, the sub code empty where the table has none. */
const byCode = new Map<string, Reason>();
const byBypassCode = new Map<number, Reason>();
/** Reasons by normalized text: more than one where documents give the same words to several. */
const byText = new Map<string, Reason[]>();
/** errcode by normalized text. */
const pinned = new Map<string, number>();

for (const reason of ALL_REASONS) {
  for (const code of reason.codes) {
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
  pinned.set(normalizeText(entry.text).text, entry.errcode);
}

function codeKey(errcode: number, subErrcode: number | null): string {
  return `${errcode}/${subErrcode ?? ''}`;
}

function wholeNumber(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** The one bypass code that a text stands for, or null when several share the words. */
function bypassCodeOfText(reason: Reason): number | null {
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
    alternates: alternates.filter((other) => other !== reason).map((other) => other.id),
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

/** A match by words alone, out of the reasons that the words may mean. */
function foundByText(candidates: readonly Reason[], code: ReasonCode | null): ReasonMatch {
  const [first] = candidates as [Reason, ...Reason[]];
  const match = found(first, 'text', code, candidates);
  if (candidates.length > 1) {
    match.ground = 'shared-text';
  }
  if (first.kind === 'bypass') {
    match.bypassCode = bypassCodeOfText(first);
  }
  return match;
}

/** The code that a reason stands for when it has only one, within one errcode if that is given. */
function onlyCode(candidates: readonly Reason[], errcode?: number): ReasonCode | null {
  const codes = candidates
    .flatMap((reason) => reason.codes)
    .filter((code) => errcode === undefined || code.errcode === errcode);
  return codes.length === 1 ? (codes[0] as ReasonCode) : null;
}

/** Only the sub code tells reasons of these errcodes apart. */
function needsSubCode(errcode: number): boolean {
  return (
    !byCode.has(codeKey(errcode, null)) && ALL_REASONS.some((reason) => hasErrcode(reason, errcode))
  );
}

function hasErrcode(reason: Reason, errcode: number | null): boolean {
  return reason.codes.some((code) => code.errcode === errcode);
}

/**
 * Finds the reason of a break. It never throws and never guesses: input that no catalogue knows is
 * `unrecognized`, with its words left to the event.
 *
 * A specific code beats words; words that tell of another reason are an alternate then. Where the
 * code does not tell (0 and the other codes that CSS itself calls unknown, or 18 and 21 without sub
 * code) the words decide, if they belong to that code. So do words beside the code of a client's
 * stop: a stop is nobody's business, and a break must not pass for one.
 * Words alone may stand for two reasons (English 18/201 and 18/203): the first is taken, the other
 * is an alternate.
 */
export function matchReason(input: ReasonInput): ReasonMatch {
  const bypassCode = wholeNumber(input.bypassCode);
  const bypassReason = bypassCode === null ? undefined : byBypassCode.get(bypassCode);
  if (bypassReason) {
    return { ...found(bypassReason, 'bypassCode', null), bypassCode };
  }
  return { ...matchCss(input), ...(bypassCode === null ? {} : { bypassCode }) };
}

function matchCss(input: ReasonInput): ReasonMatch {
  const words = normalizeText(typeof input.text === 'string' ? input.text : '');
  const candidates = byText.get(words.text) ?? [];
  // A number behind the words counts when it fits them: `客户端主动断流(3)`.
  const fittingNumber = candidates.some((reason) => hasErrcode(reason, words.errcode))
    ? words.errcode
    : null;

  const given = wholeNumber(input.errcode);
  // 0 is what CSS sends when it has no code, so a number beside the words says more.
  const errcode = given || (fittingNumber ?? pinned.get(words.text) ?? given);
  const subErrcode = wholeNumber(input.subErrcode) || null;

  if (errcode === null) {
    if (candidates.length > 0) {
      return foundByText(candidates, onlyCode(candidates));
    }
    // A number behind words that nobody knows is a hint and no proof.
    const hinted = words.errcode === null ? undefined : byCode.get(codeKey(words.errcode, null));
    return notFound(null, hinted ? [hinted] : []);
  }

  const code: ReasonCode = { errcode, subErrcode };
  const exact =
    byCode.get(codeKey(errcode, subErrcode)) ??
    // A sub code beside an errcode that has none in the table says nothing.
    byCode.get(codeKey(errcode, null));
  if (exact) {
    const other = candidates.filter((reason) => reason !== exact);
    if (exact.id === 'unknown' && other.length > 0) {
      return foundByText(other, code);
    }
    const telling = other.filter(({ id }) => id !== 'unknown');
    if (exact.id === CLIENT_STOP && telling.length > 0 && !candidates.includes(exact)) {
      const match = foundByText(telling, code);
      return { ...match, alternates: [...match.alternates, exact.id] };
    }
    // The code of the given input is the proof; a code read out of the words is the words' proof.
    const by = given === errcode ? 'code' : 'text';
    return found(exact, by, code, candidates.includes(exact) ? [] : other);
  }

  if (needsSubCode(errcode)) {
    const ofFamily = candidates.filter((reason) => hasErrcode(reason, errcode));
    return ofFamily.length > 0
      ? foundByText(ofFamily, onlyCode(ofFamily, errcode) ?? code)
      : notFound(code, candidates);
  }
  return candidates.length > 0 ? foundByText(candidates, code) : notFound(code);
}
