import apiFile from '../../rules/catalogues/api-errors.json' with { type: 'json' };
import { printReasonCode, type ReasonCode } from '../model/break.ts';
import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Retry, Severity, Side } from '../model/vocabulary.ts';
import { matchReason } from './match-reason.ts';
import { normalizeText } from './normalize-text.ts';
import {
  ALL_REASONS,
  BYPASS_CAUSES,
  type Reason,
  reasonById,
  teamReasons,
} from './reason-catalogue.ts';

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
  /** Whether the entry explains a sub code of the API that is not in the catalogue, by its parent. */
  isUnknownSubCode?: true;
}

/**
 * The common errors of the CSS API and those of its actions, from the error-code pages of the API. An
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
  const reasons = [...ALL_REASONS, ...teamReasons()];
  const rows: { reason: Reason; code: ReasonCode }[] = reasons
    .flatMap((reason) => reason.codes.map((code) => ({ reason, code })))
    .filter(
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

/** An error as people copy it: the code alone, `code: message`, JSON of the API, or the text of an SDK. */
const CODE_FIRST = /^([a-z]+(?:\.\w+)?)(?:\s*[:：]\s*(.*))?$/is;
const NAMED_CODE = /\bcode"?\s{0,9}[=:]\s{0,9}"?([a-z]+(?:\.\w+)?)\b/i;
const NAMED_MESSAGE = /\bmessage"?\s{0,9}[=:]\s{0,9}"?/i;
const REQUEST_ID = /[,}\]\s]"?requestid/i;
/** Longer messages are cut, in characters. */
const MAX_MESSAGE_LENGTH = 200;

/** Finds the code of an API error in a text, and the message after it. Takes time in proportion to the text. */
function readApiError(text: string): { code: string; message: string } {
  const first = CODE_FIRST.exec(text);
  if (first) {
    return { code: first[1] as string, message: first[2] ?? '' };
  }
  const named = NAMED_CODE.exec(text);
  if (!named) {
    return { code: '', message: '' };
  }
  const after = text.slice(named.index + named[0].length);
  const start = NAMED_MESSAGE.exec(after);
  if (!start) {
    return { code: named[1] as string, message: '' };
  }
  const rest = after.slice(start.index + start[0].length);
  const end = rest.search(REQUEST_ID);
  return { code: named[1] as string, message: withoutEnd(end < 0 ? rest : rest.slice(0, end)) };
}

/** Removes the brackets and the quote that close a message. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[,}\]\s]/.test(text[end - 1] as string)) {
    end -= 1;
  }
  return text.slice(0, text[end - 1] === '"' ? end - 1 : end);
}

function entriesOfApiError(text: string): LookupEntry[] {
  const { code, message } = readApiError(text);
  const known = apiByCode.get(code.toLowerCase());
  if (known) {
    return [{ ...known, kind: 'api', reason: null }];
  }
  const parent = apiByCode.get(code.split('.')[0]?.toLowerCase() ?? '');
  return parent ? [unknownSubCode(code, parent, message)] : [];
}

/**
 * Explains a sub code that is not in the catalogue by its parent. Sub codes of one parent have very different
 * causes, so this one is never called a fault of Tencent Cloud.
 *
 * @param message - CSS's own message; may be empty
 */
function unknownSubCode(code: string, parent: ApiError, message: string): LookupEntry {
  const isOpen = parent.side === 'tencent' || parent.category === 'unknown';
  const open = (isOpen ? apiByCode.get('failedoperation') : parent) as ApiError;
  const words = message
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_MESSAGE_LENGTH);
  const name = parent.code;
  const { title } = parent;
  const says: LocalizedText = words
    ? {
        en: ` CSS says: "${words}"`,
        zh: `云直播返回的信息：“${words}”`,
        ja: `CSS のメッセージ：「${words}」`,
        ko: ` CSS 메시지: "${words}"`,
      }
    : {
        en: ' Message in the answer may say more.',
        zh: '响应中的 Message 可能有更多说明。',
        ja: '応答の Message に詳しい説明がある場合があります。',
        ko: ' 응답의 Message에 더 자세한 설명이 있을 수 있습니다.',
      };
  return {
    ...open,
    kind: 'api',
    code,
    reason: null,
    isUnknownSubCode: true,
    title: {
      en: `Unknown sub code of ${name}`,
      zh: `${name} 的未知子错误码`,
      ja: `${name} の未知のサブコード`,
      ko: `${name}의 알 수 없는 하위 코드`,
    },
    cause: {
      en: `Breakwatch does not know this sub code. Its parent code is ${name} (${title.en}).${says.en}`,
      zh: `Breakwatch 不认识该子错误码，其上级错误码为 ${name}（${title.zh}）。${says.zh}`,
      ja: `Breakwatch はこのサブコードを知りません。上位のコードは ${name}（${title.ja}）です。${says.ja}`,
      ko: `Breakwatch가 모르는 하위 코드입니다. 상위 코드는 ${name}(${title.ko})입니다.${says.ko}`,
    },
  };
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
  return reasonById(name)?.id ?? apiByCode.get(name)?.code ?? null;
}

/** Of a longer text only the beginning is looked up, characters. */
const MAX_LENGTH = 2_000;
const REASON_CODE = /^(\d{1,9})(?:\s*[/.:-]\s*(\d{1,4}))?$/u;

/**
 * Explains a code (`18/501`, `18-501`, `6012`, or `18` for all its sub codes), a reason id, an error code of
 * the CSS API, or a reason text in any of the four languages. An unknown sub code of the API is explained by its
 * parent, with CSS's own message if the text has it (`InternalError.New: message`).
 *
 * @returns all meanings, most likely first; empty when the text is unknown
 */
export function lookUp(text: string): LookupEntry[] {
  const wanted = text.trim().slice(0, MAX_LENGTH).normalize('NFKC');
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
