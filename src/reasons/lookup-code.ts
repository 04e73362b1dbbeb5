import { printReasonCode, type ReasonCode } from '../model/break.ts';
import { findQuoted } from './find-quoted.ts';
import { apiCodeOf, entriesOfApiError } from './lookup-api-error.ts';
import type { LookupEntry } from './lookup-entry.ts';
import { isReasonText, matchReason } from './match-reason.ts';
import { normalizeText } from './normalize-text.ts';
import { readLabelledCode } from './read-labelled-code.ts';
import {
  ALL_REASONS,
  BYPASS_CAUSES,
  type Reason,
  reasonById,
  teamReasons,
  UNRECOGNIZED,
} from './reason-catalogue.ts';

export type { LookupEntry } from './lookup-entry.ts';

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
  const reasons = [...ALL_REASONS, ...teamReasons()];
  const rows: { reason: Reason; code: ReasonCode }[] = reasons
    .flatMap((reason) => reason.codes.map((code) => ({ reason, code })))
    .filter(
      ({ code }) =>
        code.errcode === errcode && (subErrcode === null || (code.subErrcode ?? 0) === subErrcode),
    );
  rows.sort((a, b) => (a.code.subErrcode ?? 0) - (b.code.subErrcode ?? 0));
  const entries = rows.map(({ reason, code }) => reasonEntry(reason, printReasonCode(code)));
  if (entries.length === 0 && subErrcode !== null && SUB_CODED.has(errcode)) {
    return [unknownSubCode(errcode, subErrcode)];
  }
  return subErrcode === null ? [...entries, ...bypassEntries((code) => code === errcode)] : entries;
}

/** The errcodes that CSS's table divides by sub codes. */
const SUB_CODED = new Set(
  ALL_REASONS.flatMap(({ codes }) => codes).flatMap(({ errcode, subErrcode }) =>
    subErrcode === null || subErrcode === 0 ? [] : errcode,
  ),
);

/** A sub code that no document has: what is known is the errcode alone. */
function unknownSubCode(errcode: number, subErrcode: number): LookupEntry {
  return {
    kind: 'reason',
    code: `${errcode}/${subErrcode}`,
    reason: UNRECOGNIZED,
    category: 'unknown',
    title: {
      en: `Code ${errcode} with the unknown sub code ${subErrcode}`,
      zh: `错误码 ${errcode}，子码 ${subErrcode} 未知`,
      ja: `コード ${errcode}、未知のサブコード ${subErrcode}`,
      ko: `코드 ${errcode}, 알 수 없는 하위 코드 ${subErrcode}`,
    },
  };
}

function entriesOfReason(reason: Reason): LookupEntry[] {
  return reason.kind === 'bypass'
    ? bypassEntries((_code, id) => id === reason.id)
    : [reasonEntry(reason, reason.codes.map(printReasonCode).join(', '))];
}

function entriesOfText(text: string): LookupEntry[] {
  const match = matchReason({ text });
  if (match.by === 'none' && match.code) {
    // The text belongs to a code, but the sub code that distinguishes its reasons is missing.
    return entriesOfNumber(match.code.errcode, match.code.subErrcode);
  }
  if (match.code && reasonById(match.reason)?.coversSubCodes) {
    return entriesOfNumber(match.code.errcode, null);
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

/**
 * Reads a text that is a code of CSS, the id of a reason or a code of the API, and nothing else.
 *
 * @returns the code as Breakwatch writes it (`18/501`); null for any other text
 */
export function readCodeAlone(text: string): string | null {
  const wanted = text.trim().normalize('NFKC');
  const number = REASON_CODE.exec(wanted);
  if (number) {
    return number
      .slice(1)
      .flatMap((part) => (part === undefined ? [] : Number(part)))
      .join('/');
  }
  const name = wanted.toLowerCase();
  return reasonById(name)?.id ?? apiCodeOf(name);
}

/** Of a longer text only the beginning is looked up, characters. */
const MAX_LENGTH = 2_000;
const REASON_CODE = /^[([]?\s{0,8}(\d{1,9})(?:\s{0,8}[/.:,-]\s{0,8}(\d{1,4}))?\s{0,8}[)\]]?$/u;

/**
 * Finds what a longer text names: a code behind its label (`errcode=18, sub_errcode=501`, `错误码：18`), or the reason
 * texts that it quotes.
 *
 * @returns the text alone when it is a code or a reason text itself, or when it names none
 */
export function namedIn(text: string): string[] {
  const wanted = text.trim().slice(0, MAX_LENGTH).normalize('NFKC');
  if (entriesOfWhole(wanted).length > 0) {
    return [text];
  }
  const code = readLabelledCode(wanted);
  if (code !== null && entriesOfWhole(code).length > 0) {
    return [code];
  }
  const exact = findQuoted(wanted, isReasonText, 'words');
  if (exact.length > 0) {
    return exact;
  }
  const similar = findQuoted(wanted, (part) => entriesOfText(part).length > 0, 'clauses');
  return similar.length > 0 ? similar : [text];
}

function entriesOfWhole(wanted: string): LookupEntry[] {
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

/**
 * Explains a code (`18/501`, `18-501`, `6012`, or `18` for all its sub codes), a reason id, an error code of
 * the CSS API, or a reason text in any of the four languages; also a longer text that names one of them. An unknown
 * sub code of the API is explained by its parent, with CSS's own message if the text has it
 * (`InternalError.New: message`).
 *
 * @returns all meanings, most likely first; empty when the text is unknown
 */
export function lookUp(text: string): LookupEntry[] {
  return namedIn(text).flatMap((part) =>
    entriesOfWhole(part.trim().slice(0, MAX_LENGTH).normalize('NFKC')),
  );
}
