import apiFile from '../../rules/catalogues/api-errors.json' with { type: 'json' };
import type { LocalizedText } from '../model/localized-text.ts';
import type { Category, Retry, Severity, Side } from '../model/vocabulary.ts';
import type { LookupEntry } from './lookup-entry.ts';
import { normalizeText } from './normalize-text.ts';

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
 * The common errors of the CSS API and those of its actions, from the error-code pages of the API. An
 * error has a `retry` wait if Tencent documents it as temporary.
 */
export const API_ERRORS = apiFile.errors as unknown as readonly ApiError[];

const apiByCode = new Map(API_ERRORS.map((error) => [error.code.toLowerCase(), error]));

/** The code of an error of the API as the catalogue writes it; null for any other text. */
export function apiCodeOf(text: string): string | null {
  return apiByCode.get(text.toLowerCase())?.code ?? null;
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

function entryOf(error: ApiError): LookupEntry {
  return { ...error, kind: 'api', reason: null };
}

/** A code with a sub code anywhere in a line, such as that of an exception of Java. */
const SUB_CODE = /(?<![\w.])[a-z]{4,40}\.[a-z]\w{2,60}(?![\w.])/gi;
/** What the Java SDK prints is the message alone, without the code: `…SDKException: 账号停服-request id`. */
const SDK_EXCEPTION = /tencentcloud(?:api)?\.?\w*(?:exception|error)\s{0,8}[:：]\s{0,8}/i;
/** Messages that Tencent's SDKs document with a code, where they differ from the titles of the catalogue. */
const MESSAGES: readonly (readonly [message: string, code: string])[] = [
  ['账号停服，请先冲正开通服务后再操作', 'ResourceNotFound.StopService'],
  ['用户未注册直播', 'ResourceNotFound.UserNotExist'],
];
const codeByMessage = new Map([
  ...API_ERRORS.filter(({ code }) => code.includes('.')).map(
    ({ title, code }) => [normalizeText(title.zh ?? '').text, code] as const,
  ),
  ...MESSAGES.map(([message, code]) => [normalizeText(message).text, code] as const),
]);

function errorOfException(text: string): ApiError | undefined {
  const start = SDK_EXCEPTION.exec(text);
  if (!start) {
    return undefined;
  }
  const words = text.slice(start.index + start[0].length);
  const message = words.replace(/\s{0,4}[-;,]\s{0,4}[\w-]{1,80}\s{0,4}$/u, '');
  const code = codeByMessage.get(normalizeText(message).text);
  return code === undefined ? undefined : apiByCode.get(code.toLowerCase());
}

/** Explains an error of the CSS API, as its answer, Tencent's SDKs or a person write it; empty for other texts. */
export function entriesOfApiError(text: string): LookupEntry[] {
  const { code, message } = readApiError(text);
  const known = apiByCode.get(code.toLowerCase());
  if (known) {
    return [entryOf(known)];
  }
  const parent = apiByCode.get(code.split('.')[0]?.toLowerCase() ?? '');
  if (parent) {
    return [unknownSubCode(code, parent, message)];
  }
  const named = [...text.matchAll(SUB_CODE)].flatMap(
    ([word]) => apiByCode.get(word.toLowerCase()) ?? [],
  );
  const found = named[0] ?? errorOfException(text);
  return found ? [entryOf(found)] : [];
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
