import { isSecretName, plainName } from './secret-names.ts';
import type { Unescaped } from './unescape-text.ts';

/** Start and end of a secret in the unescaped text. */
export interface Span {
  begin: number;
  end: number;
}

const QUOTES = '"\'`';
const VALUE_ENDS = new Set('&;,#<>{}[]()|\\，；。、（）');
const NAME_SIGN = /[\p{L}\p{N}\p{Cf}_.[\]-]/u;
const QUOTE_OR_SPACE = /["'`\\\s]/;
/** Maximum length of a name. */
const MAX_NAME = 64;

/** Possible names before a position, nearest first: `key`, `push key`, `the push key`. */
function namesBefore(plain: string, separator: number): string[] {
  let at = separator - 1;
  while (at >= 0 && separator - at < MAX_NAME) {
    if (QUOTE_OR_SPACE.test(plain[at] as string)) {
      at -= 1;
    } else if (plain[at - 1] === '\\' && 'tnr'.includes(plain[at] as string)) {
      // White space as JSON escapes it.
      at -= 2;
    } else {
      break;
    }
  }
  const names: string[] = [];
  let name = '';
  for (let words = 0; words < 3; words += 1) {
    const end = at;
    while (at >= 0 && end - at < MAX_NAME && NAME_SIGN.test(plain[at] as string)) {
      at -= 1;
    }
    if (at === end) {
      break;
    }
    name = plain.slice(at + 1, end + 1) + name;
    names.push(name);
    if (plain[at] !== ' ') {
      break;
    }
    at -= 1;
  }
  const [nearest = ''] = names;
  const parts = nearest.split(/[.[\]]/).filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  // The name of `sign[0]` and `sign.value` is `sign`.
  return [...names, last, /^(?:\d+|value)$/.test(last) ? (parts.at(-2) ?? '') : ''];
}

function findEnd(plain: string, from: number, ends: (index: number) => boolean): number {
  let index = from;
  while (index < plain.length && !ends(index)) {
    index += 1;
  }
  return index;
}

function slashesBefore(plain: string, index: number): number {
  let count = 0;
  while (plain[index - 1 - count] === '\\') {
    count += 1;
  }
  return count;
}

/** The position after the bracket that closes the one at `begin`, or the end of the text. */
function closeOf(plain: string, begin: number): number {
  let open = 0;
  for (let index = begin; index < plain.length; index += 1) {
    if ('[{'.includes(plain[index] as string)) {
      open += 1;
    } else if (']}'.includes(plain[index] as string)) {
      open -= 1;
      if (open === 0) {
        return index + 1;
      }
    }
  }
  return plain.length;
}

/** The value that follows a name and its separator. */
function valueAfter({ plain, level }: Unescaped, separator: number, name: string): Span {
  const depth = level?.[separator] ?? 0;
  const isPlain = (index: number) => level === null || (level[index] as number) <= depth;
  // Skip the head of the arrows `->` and `=>`.
  let begin = separator + 1;
  while (begin < plain.length && /[\s\\>]/.test(plain[begin] as string)) {
    begin += 1;
  }
  const first = plain[begin] as string;
  if (begin < plain.length && isPlain(begin)) {
    if (QUOTES.includes(first)) {
      // A nested text escapes its quotes with backslashes: it closes with the same number as it opened.
      const slashes = slashesBefore(plain, begin);
      const close = findEnd(
        plain,
        begin + 1,
        (index) =>
          plain[index] === first && isPlain(index) && slashesBefore(plain, index) <= slashes,
      );
      return { begin: begin + 1, end: close - slashesBefore(plain, close) };
    }
    if (first === '[' || first === '{') {
      return { begin, end: closeOf(plain, begin) };
    }
  }
  if (/^(?:authorization|(?:set)?cookie)$/.test(name)) {
    // A scheme and parameters: everything up to the end of the line or of the quoted text.
    const end = findEnd(
      plain,
      begin,
      (index) => isPlain(index) && `${QUOTES}\r\n\\`.includes(plain[index] as string),
    );
    return { begin, end };
  }
  const isList = name.endsWith('s');
  const end = findEnd(plain, begin, (index) => {
    const char = plain[index] as string;
    if (!isPlain(index) || (isList && char === ',')) {
      return false;
    }
    return VALUE_ENDS.has(char) || QUOTES.includes(char) || /\s/.test(char);
  });
  return { begin, end };
}

/** Separators between a name and its value: assignments, arrows and the end of a tag. */
const SEPARATOR = /[=:＝：>→]/g;

function* afterSeparators(text: Unescaped): Generator<Span> {
  const { plain } = text;
  let done = 0;
  for (const { index } of plain.matchAll(SEPARATOR)) {
    if (index < done) {
      continue;
    }
    let head = index;
    if (plain[index] === '>') {
      if ('-='.includes(plain[index - 1] ?? ' ')) {
        head = index - 1;
      } else if (!/<[\w.:-]{1,64}$/.test(plain.slice(Math.max(0, index - 65), index))) {
        continue;
      }
    }
    const name = namesBefore(plain, head).find(isSecretName);
    if (name === undefined) {
      continue;
    }
    const span = valueAfter(text, index, plainName(name));
    if (span.end > span.begin) {
      yield span;
      done = span.end;
    }
  }
}

/** A long run of letters and digits: a key or a hash, not a word. */
const LIKELY_SECRET = /[\w+.-]{12,}/g;
const QUOTES_BETWEEN = '["\'`\\\\]{0,16}\\s{0,4}';
/** A name, and a word, sign or `","value":` that can separate it from its value. */
const BEFORE_LIKELY = new RegExp(
  [
    '([\\p{L}\\p{N}_.-]{2,64})',
    QUOTES_BETWEEN,
    '(?:(?:is|was|as|of)\\s|[(（/,|是为])?\\s{0,4}',
    `(?:${QUOTES_BETWEEN}(?:values?|val|content|data|text)${QUOTES_BETWEEN}[:=]\\s{0,4}\\[?)?`,
    `${QUOTES_BETWEEN}[(（]?$`,
  ].join(''),
  'iu',
);
const MAX_LENGTH_BEFORE = 128;

/** Secrets that follow their name in a sentence or a path: `txSecret 5f0c… does not fit`. */
function* afterWords({ plain }: Unescaped): Generator<Span> {
  for (const { 0: run, index } of plain.matchAll(LIKELY_SECRET)) {
    if (!/\d/.test(run) || !/[a-z]/i.test(run)) {
      continue;
    }
    const before = plain.slice(Math.max(0, index - MAX_LENGTH_BEFORE), index);
    const name = BEFORE_LIKELY.exec(before)?.[1];
    if (name !== undefined && isSecretName(name)) {
      yield { begin: index, end: index + run.length };
    }
  }
}

const SCHEME = /\b(?:bearer|basic)\s+(?=[\w~+/.-]{0,256}[\d=])([\w~+/.-]{6,}=*)/gi;
const USER_INFO = /\/[^\s/?#@:]{0,256}:([^\s/?#@]{1,256})@/g;

/** Tokens after an HTTP scheme, and passwords in URLs. */
function* afterSchemes({ plain }: Unescaped): Generator<Span> {
  for (const pattern of [SCHEME, USER_INFO]) {
    for (const { 0: whole, 1: secret = '', index } of plain.matchAll(pattern)) {
      const begin = index + whole.lastIndexOf(secret);
      yield { begin, end: begin + secret.length };
    }
  }
}

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
/** Hashes and numbers. Base64 has letters after f too. */
export const NO_BASE64 = /^[0-9a-f_-]+$/i;
const READABLE = /[\x20-\x7e]{8,}/;

/** Finds Base64 that contains a secret. `containsSecret` checks the decoded text. */
function* insideBase64(
  { plain }: Unescaped,
  containsSecret: (decoded: string) => boolean,
): Generator<Span> {
  for (const { 0: run, index } of plain.matchAll(BASE64)) {
    if (NO_BASE64.test(run)) {
      continue;
    }
    const letters = run.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
    // Characters directly before it may shift the decoding.
    for (let shift = 0; shift < 4; shift += 1) {
      const part = letters.slice(shift);
      const decoded = atob(part.slice(0, part.length % 4 === 1 ? -1 : undefined));
      if (READABLE.test(decoded) && containsSecret(decoded.replace(/[^\x20-\x7e\t\r\n]+/g, ' '))) {
        yield { begin: index, end: index + run.length };
        break;
      }
    }
  }
}

/**
 * Finds the secrets in an unescaped text, in order and without overlaps.
 *
 * @param containsSecret - whether a text that was decoded from Base64 contains a secret
 */
export function findSecrets(text: Unescaped, containsSecret: (decoded: string) => boolean): Span[] {
  const spans = [
    ...afterSeparators(text),
    ...afterWords(text),
    ...afterSchemes(text),
    ...insideBase64(text, containsSecret),
  ].sort((a, b) => a.begin - b.begin);
  const apart: Span[] = [];
  for (const span of spans) {
    const last = apart.at(-1);
    if (last && span.begin < last.end) {
      last.end = Math.max(last.end, span.end);
    } else {
      apart.push({ ...span });
    }
  }
  return apart;
}
