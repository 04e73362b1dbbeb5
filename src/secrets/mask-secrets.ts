import { LRUCache } from 'lru-cache';
import { findSecrets, NO_BASE64 } from './find-secrets.ts';
import { isSecretName } from './secret-names.ts';
import { unescapeText } from './unescape-text.ts';

/** Replaces a secret. */
export const MASK = '***';

/** Replaces values that are nested deeper than any message of CSS, because they were not searched. */
export const TOO_DEEP = '[too deep]';

/** Copies of a found secret are masked elsewhere only from this length, because short ones may be chance. */
const MIN_COPY_LENGTH = 6;
/** Maximum number of secrets in one value whose copies are masked; a message of CSS has two. */
const MAX_COPIED = 200;
const MAX_DEPTH = 32;
/** Maximum nesting of Base64 in Base64 that is decoded. */
const MAX_DECODED = 3;
/** A text without a match has neither a name with a value nor anything encoded. */
const SUSPECT = /[=:%\\<&＝：→]|[\w+/-]{16}|[^\w.+-](?=[\w.+-]{0,64}\d)[\w.+-]{12}/;

type Found = (secret: string) => void;

/** Texts without a secret. Domains, streams and addresses repeat in messages, and the search is slow. */
const harmless = new LRUCache<string, true>({ max: 5_000 });
const MAX_HARMLESS_LENGTH = 80;

/** Masks the values after names of secrets in a text, and calls `found` with each one. */
function maskText(text: string, found: Found, depth = 0): string {
  if (NO_BASE64.test(text)) {
    return text;
  }
  const isShort = depth === 0 && text.length <= MAX_HARMLESS_LENGTH;
  if (isShort && harmless.get(text)) {
    return text;
  }
  const masked = SUSPECT.test(text) ? maskSuspect(text, found, depth) : text;
  if (isShort && masked === text) {
    harmless.set(text, true);
  }
  return masked;
}

function maskSuspect(text: string, found: Found, depth: number): string {
  const unescaped = unescapeText(text);
  const spans = findSecrets(
    unescaped,
    (text) => depth < MAX_DECODED && maskText(text, found, depth + 1) !== text,
  );
  if (spans.length === 0) {
    return text;
  }
  let masked = '';
  let kept = 0;
  for (const span of spans) {
    const begin = unescaped.from?.[span.begin] ?? span.begin;
    const end = unescaped.from?.[span.end] ?? span.end;
    found(text.slice(begin, end));
    found(unescaped.plain.slice(span.begin, span.end));
    masked += text.slice(kept, begin) + MASK;
    kept = end;
  }
  return masked + text.slice(kept);
}

function collectLeaves(value: unknown, found: Found, depth = 0): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    found(String(value));
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
    for (const part of Object.values(value)) {
      collectLeaves(part, found, depth + 1);
    }
  }
}

/** Fields that contain a name whose value is in another field of the object. */
const NAMING = /^(?:name|key|param|header|field)$/i;
const VALUE = /^(?:values?|val|content|data|text)$/i;

function maskFields(
  fields: readonly [string, unknown][],
  found: Found,
  above: readonly object[],
): Record<string, unknown> {
  const namesSecret = fields.some(
    ([name, part]) => NAMING.test(name) && typeof part === 'string' && isSecretName(part),
  );
  const copy: Record<string, unknown> = {};
  for (const [name, part] of fields) {
    const isSecret =
      (isSecretName(name) || (namesSecret && VALUE.test(name))) &&
      part !== null &&
      part !== undefined &&
      typeof part !== 'boolean';
    if (isSecret) {
      collectLeaves(part, found);
    }
    setField(copy, maskText(name, found), isSecret ? MASK : maskValue(part, found, above));
  }
  return copy;
}

/** Sets a field of the object itself, also one that is called `__proto__`. */
function setField(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else {
    object[name] = value;
  }
}

/** Masks a list, in which a secret may follow its name, as on a command line. */
function maskList(list: readonly unknown[], found: Found, above: readonly object[]): unknown[] {
  return list.map((part, index) => {
    const name = list[index - 1];
    if (typeof part === 'string' && typeof name === 'string' && isSecretName(name)) {
      found(part);
      return MASK;
    }
    return maskValue(part, found, above);
  });
}

function fieldsOf(value: object): [string, unknown][] {
  if (value instanceof Error) {
    const { name, message, stack } = value;
    return [['name', name], ['message', message], ['stack', stack], ...Object.entries(value)];
  }
  return value instanceof Map
    ? [...value].map(([name, part]) => [String(name), part])
    : Object.entries(value);
}

function maskValue(value: unknown, found: Found, above: readonly object[]): unknown {
  if (typeof value === 'string') {
    return maskText(value, found);
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return value;
  }
  if (above.includes(value)) {
    return '[circular]';
  }
  if (above.length >= MAX_DEPTH) {
    return TOO_DEEP;
  }
  if (value instanceof URL) {
    return maskText(value.href, found);
  }
  const inside = [...above, value];
  return Array.isArray(value)
    ? maskList(value, found, inside)
    : maskFields(fieldsOf(value), found, inside);
}

const HAS_UPPER = /[A-Z]/;

/** Lower-cases A to Z only, so that the length of the text does not change. */
function lowerCase(text: string): string {
  return HAS_UPPER.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** @param secrets - the longest first */
function maskCopiesInText(text: string, secrets: readonly string[]): string {
  if (text.length < (secrets.at(-1) as string).length) {
    return text;
  }
  let masked = text;
  let lower = lowerCase(text);
  for (const secret of secrets) {
    if (lower.includes(secret)) {
      const pieces: string[] = [];
      let from = 0;
      for (let at = lower.indexOf(secret); at >= 0; at = lower.indexOf(secret, from)) {
        pieces.push(masked.slice(from, at));
        from = at + secret.length;
      }
      masked = [...pieces, masked.slice(from)].join(MASK);
      lower = lowerCase(masked);
    }
  }
  return masked;
}

/**
 * Masks the given secrets, in any letter case, in a value that {@link maskValue} returned. Changes the
 * value's objects and lists themselves, as they are copies.
 */
function maskCopies(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    return maskCopiesInText(value, secrets);
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return secrets.includes(String(value)) ? MASK : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return value;
  }
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) {
      value[index] = maskCopies(part, secrets);
    }
    return value;
  }
  const fields = value as Record<string, unknown>;
  const names = Object.keys(fields);
  if (names.some((name) => maskCopiesInText(name, secrets) !== name)) {
    const renamed: Record<string, unknown> = {};
    for (const name of names) {
      setField(renamed, maskCopiesInText(name, secrets), maskCopies(fields[name], secrets));
    }
    return renamed;
  }
  for (const name of names) {
    const part = fields[name];
    const masked = maskCopies(part, secrets);
    if (masked !== part) {
      fields[name] = masked;
    }
  }
  return fields;
}

/**
 * Copies any value (object, text, URL, query string, error) and replaces every secret in the copy with
 * `***`: SecretKey, callback key, push key, `sign`, `txSecret`, tokens, passwords and Authorization. No
 * other function masks secrets.
 *
 * A secret is found by its name: the name of a field, the text before `=` or `:`, or a name earlier in the
 * same sentence when the value looks like a key. Letter case and separators in the name do not matter, and
 * the text may be escaped any number of times (`tx%53ecret%253D…`) or be inside Base64. A secret that was
 * found is masked everywhere else in the same value too. Values nested deeper than 32 levels are replaced.
 *
 * @param known - secrets that are masked wherever they appear, whatever their name
 */
export function maskSecrets<T>(value: T, known: Iterable<string> = []): T {
  const secrets = new Set<string>();
  const copy = maskValue(
    value,
    (secret) => {
      if (secret.length >= MIN_COPY_LENGTH && secret !== MASK) {
        secrets.add(lowerCase(secret));
      }
    },
    [],
  );
  for (const secret of known) {
    if (secret !== '') {
      secrets.add(lowerCase(secret));
    }
  }
  if (secrets.size === 0) {
    return copy as T;
  }
  // Longest first, because one secret may contain another.
  const ordered = [...secrets].sort((a, b) => b.length - a.length).slice(0, MAX_COPIED);
  return maskCopies(copy, ordered) as T;
}
