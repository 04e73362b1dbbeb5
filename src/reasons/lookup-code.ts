import apiFile from '../../rules/catalogues/api-errors.json' with { type: 'json' };
import { printReasonCode, type ReasonCode } from '../model/break.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Retry, Severity, Side } from '../model/vocabulary.ts';
import { matchReason } from './match-reason.ts';
import { normalizeText } from './normalize-text.ts';
import { ALL_REASONS, BYPASS_CAUSES, type Reason, reasonById } from './reason-catalogue.ts';

/** One error of the CSS API, as in the catalogue file. */
export interface ApiError {
  code: string;
  category: Category;
  severity: Severity;
  side: Side;
  retry: Retry;
  title: LocalizedText;
  cause: LocalizedText;
  fix: LocalizedText[];
}

/**
 * One meaning of a code or text. Cause, fix, retry, side and severity of a CSS reason are in the rules, so
 * they are absent here. Bypass codes and API errors have their own.
 */
export interface LookupEntry {
  kind: 'reason' | 'bypass' | 'api';
  /** `18/501`, `6012`, `ResourceNotFound.StopService`; several codes are joined with commas. */
  code: string;
  /** Reason id; null for API errors. */
  reason: string | null;
  category: Category;
  title: LocalizedText;
  cause?: LocalizedText;
  fix?: LocalizedText[];
  retry?: Retry;
  side?: Side;
  severity?: Severity;
}

/**
 * Errors of DropLiveStream and the common errors of the CSS API, from the error-code pages of the API. An
 * error has a `retry` wait if Tencent documents it as temporary.
 */
export const API_ERRORS = apiFile.errors as unknown as readonly ApiError[];

const apiByCode = new Map(API_ERRORS.map((error) => [error.code.toLowerCase(), error]));

function reasonEntry(reason: Reason, code: string): LookupEntry {
  return {
    kind: 'reason',
    code,
    reason: reason.id,
    category: reason.category,
    title: reason.title,
  };
}

function bypassEntries(wanted: (code: number, reasonId: string) => boolean): LookupEntry[] {
  return BYPASS_CAUSES.flatMap((cause) =>
    cause.codes
      .filter((row) => wanted(row.code, cause.id))
      .map((row) => ({
        kind: 'bypass' as const,
        code: String(row.code),
        reason: cause.id,
        category: cause.category,
        title: row.title,
        cause: cause.cause,
        fix: cause.fix,
        retry: cause.retry,
        side: cause.side,
        severity: cause.severity,
      })),
  );
}

function entriesOfNumber(errcode: number, subErrcode: number | null): LookupEntry[] {
  const rows: { reason: Reason; code: ReasonCode }[] = ALL_REASONS.flatMap((reason) =>
    reason.codes.map((code) => ({ reason, code })),
  ).filter(
    ({ code }) =>
      code.errcode === errcode && (subErrcode === null || (code.subErrcode ?? 0) === subErrcode),
  );
  rows.sort((a, b) => (a.code.subErrcode ?? 0) - (b.code.subErrcode ?? 0));
  const entries = rows.map(({ reason, code }) => reasonEntry(reason, printReasonCode(code)));
  return subErrcode === null ? [...entries, ...bypassEntries((code) => code === errcode)] : entries;
}

function entriesOfReason(reason: Reason): LookupEntry[] {
  return reason.kind === 'bypass'
    ? bypassEntries((_code, id) => id === reason.id)
    : [reasonEntry(reason, reason.codes.map(printReasonCode).join(', '))];
}

function entriesOfApiError(text: string): LookupEntry[] {
  const name = text.toLowerCase();
  const error = apiByCode.get(name) ?? apiByCode.get(name.split('.')[0] as string);
  return error ? [{ ...error, kind: 'api', reason: null }] : [];
}

function entriesOfText(text: string): LookupEntry[] {
  const match = matchReason({ text });
  if (match.by === 'none' && match.code) {
    // The text belongs to a code, but the sub code that distinguishes its reasons is missing.
    return entriesOfNumber(match.code.errcode, match.code.subErrcode);
  }
  const wanted = normalizeText(text).text;
  return [match.reason, ...match.alternates].flatMap((id) => {
    const reason = match.by === 'none' ? undefined : reasonById(id);
    if (!reason) {
      return [];
    }
    if (reason.kind === 'bypass') {
      return bypassEntries(
        (code, cause) => cause === id && normalizeText(textOfBypassCode(code)).text === wanted,
      );
    }
    return id === match.reason && match.code
      ? [reasonEntry(reason, printReasonCode(match.code))]
      : entriesOfReason(reason);
  });
}

function textOfBypassCode(code: number): string {
  return BYPASS_CAUSES.flatMap((cause) => cause.codes).find((row) => row.code === code)?.text ?? '';
}

const REASON_CODE = /^(\d{1,9})(?:\s*[/.:-]\s*(\d{1,4}))?$/u;

/**
 * Explains a code (`18/501`, `18-501`, `6012`, or `18` for all its sub codes), a reason id, an error code of
 * the CSS API (by its full name, else by the part before the dot), or a reason text in any of the four
 * languages.
 *
 * @returns all meanings, most likely first; empty when the text is unknown
 */
export function lookUp(text: string): LookupEntry[] {
  const wanted = text.trim().normalize('NFKC');
  const number = REASON_CODE.exec(wanted);
  if (number) {
    return entriesOfNumber(Number(number[1]), number[2] === undefined ? null : Number(number[2]));
  }
  const reason = reasonById(wanted.toLowerCase());
  if (reason) {
    return entriesOfReason(reason);
  }
  const entries = entriesOfText(wanted);
  return entries.length > 0 ? entries : entriesOfApiError(wanted);
}
