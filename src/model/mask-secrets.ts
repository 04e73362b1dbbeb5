/** What stands in the place of a secret. */
export const MASK = '***';

/** Names that hold a secret, as {@link normalizeName} spells them. */
const SECRET_NAMES = new Set([
  'sign',
  'signature',
  'authorization',
  'token',
  'xtctoken',
  'sessiontoken',
  'accesstoken',
  'password',
  'passwd',
  'callbackkey',
  'callbackkeys',
  'pushkey',
  'pushkeys',
  'authkey',
  'authkeys',
  'pushauthkey',
  'pushauthkeys',
  'masterauthkey',
  'backupauthkey',
  'masterkey',
  'backupkey',
  'primarykey',
  'privatekey',
  'accesskey',
  'apikey',
]);

/** Names with "secret" in them that hold none. */
const HARMLESS_SECRET_NAMES = /secretids?$|secretpresent$|secretmatches$/;

/** A copy of a found secret is masked elsewhere only when it is too long to be there by chance. */
const MIN_COPY_LENGTH = 6;

function normalizeName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Tells whether a field, parameter or header of this name holds a secret, however it is spelt. */
function isSecretName(name: string): boolean {
  const plain = normalizeName(name);
  if (plain.includes('secret')) {
    return !HARMLESS_SECRET_NAMES.test(plain);
  }
  return SECRET_NAMES.has(plain);
}

/**
 * A text with its escapes undone, character by character. `level` counts how often a character was
 * escaped, so that a `%26` inside a value is not taken for the `&` that ends it.
 */
interface Unescaped {
  chars: string[];
  /** Where each character begins in the original; one more entry for the end. */
  from: number[];
  level: number[];
}

const ESCAPE = /^(?:%([0-9a-f]{2})|\\u00([0-9a-f]{2})|(&amp;))/i;

function unescapeAll(text: string): Unescaped {
  const chars = text.split('');
  let now: Unescaped = {
    chars,
    from: Array.from({ length: chars.length + 1 }, (_none, place) => place),
    level: chars.map(() => 0),
  };
  for (;;) {
    const next = unescapeOnce(now);
    if (next.chars.length === now.chars.length) {
      return now;
    }
    now = next;
  }
}

function unescapeOnce({ chars, from, level }: Unescaped): Unescaped {
  const next: Unescaped = { chars: [], from: [], level: [] };
  for (let index = 0; index < chars.length; ) {
    let meant = chars[index] as string;
    let depth = level[index] as number;
    let length = 1;
    if (meant === '%' || meant === '\\' || meant === '&') {
      const found = ESCAPE.exec(chars.slice(index, index + 6).join(''));
      const code = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
      if (found?.[3]) {
        meant = '&';
        length = found[0].length;
      } else if (found && code >= 0x20 && code < 0x7f) {
        // Only printable ASCII can be part of a name or end a value; the rest stays as it is.
        meant = String.fromCharCode(code);
        length = found[0].length;
        depth = Math.max(...level.slice(index, index + length)) + 1;
      }
    }
    next.chars.push(meant);
    next.from.push(from[index] as number);
    next.level.push(depth);
    index += length;
  }
  next.from.push(from[chars.length] as number);
  return next;
}

const QUOTES = '"\'`';
const VALUE_ENDS = new Set(['&', ';', ',', '#', '<', '>', '{', '}', '[', ']', '(', ')', '|', '\\']);
const QUOTE_OR_SPACE = /["'`\\\s]/;
const NAME_SIGN = /[\p{L}\p{N}_.[\]-]/u;
/** A name longer than this is none. */
const MAX_NAME = 64;

/** What may be a name before a place, nearest first: `key`, `push key`, `the push key`. */
function namesBefore(plain: string, separator: number): string[] {
  let at = separator - 1;
  while (at >= 0 && separator - at < MAX_NAME && QUOTE_OR_SPACE.test(plain[at] as string)) {
    at -= 1;
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
  return [...names, nearest.split(/[.[\]]/).findLast((part) => part !== '') ?? ''];
}

/** Where a secret begins and ends in the unescaped text. */
interface Span {
  begin: number;
  end: number;
}

/** Finds the value that follows the `=` or `:` at a place, when what stands before names a secret. */
function secretAfter(text: Unescaped, plain: string, separator: number): Span | undefined {
  const name = namesBefore(plain, separator).find(isSecretName);
  if (name === undefined) {
    return undefined;
  }
  return valueAfter(text, plain, separator, normalizeName(name));
}

function valueAfter(text: Unescaped, plain: string, separator: number, name: string): Span {
  const level = text.level[separator] as number;
  const isPlain = (index: number) => (text.level[index] as number) <= level;
  let begin = separator + 1;
  while (begin < plain.length && /[\s\\]/.test(plain[begin] as string)) {
    begin += 1;
  }
  const first = plain[begin] as string;
  if (begin < plain.length && isPlain(begin)) {
    if (QUOTES.includes(first)) {
      // In a text inside a text, quotes come with backslashes: it closes as it opened.
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
  if (name === 'authorization') {
    // A scheme and parameters: all up to the end of the line or of the quoted text.
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

function slashesBefore(plain: string, index: number): number {
  let count = 0;
  while (plain[index - 1 - count] === '\\') {
    count += 1;
  }
  return count;
}

function findEnd(plain: string, from: number, ends: (index: number) => boolean): number {
  let index = from;
  while (index < plain.length && !ends(index)) {
    index += 1;
  }
  return index;
}

/** The place after the bracket that closes the one at `begin`; the end of the text if none does. */
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

/** Masks what follows a secret's name in a text, and tells what it masked to `found`. */
function maskText(text: string, found: (secret: string) => void): string {
  if (!/[=:%]|\\u/.test(text)) {
    return text;
  }
  const unescaped = unescapeAll(text);
  const plain = unescaped.chars.join('');
  let masked = '';
  let kept = 0;
  for (let index = 0; index < plain.length; index += 1) {
    if (plain[index] !== '=' && plain[index] !== ':') {
      continue;
    }
    const span = secretAfter(unescaped, plain, index);
    if (span && span.end > span.begin) {
      const begin = unescaped.from[span.begin] as number;
      const end = unescaped.from[span.end] as number;
      found(text.slice(begin, end));
      found(plain.slice(span.begin, span.end));
      masked += text.slice(kept, begin) + MASK;
      kept = end;
      index = span.end - 1;
    }
  }
  return masked + text.slice(kept);
}

type Found = (secret: string) => void;

function collectLeaves(value: unknown, found: Found, seen: Set<object>): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    found(String(value));
  } else if (typeof value === 'object' && value !== null && !seen.has(value)) {
    seen.add(value);
    for (const part of Object.values(value)) {
      collectLeaves(part, found, seen);
    }
  }
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
  if (value instanceof URL) {
    return maskText(value.href, found);
  }
  const inside = [...above, value];
  if (Array.isArray(value)) {
    return value.map((part) => maskValue(part, found, inside));
  }
  const fields: [string, unknown][] =
    value instanceof Error
      ? [
          ['name', value.name],
          ['message', value.message],
          ['stack', value.stack],
          ...Object.entries(value),
        ]
      : value instanceof Map
        ? [...value].map(([name, part]) => [String(name), part])
        : Object.entries(value);
  return Object.fromEntries(
    fields.map(([name, part]) => {
      const isSecret =
        isSecretName(name) && part !== null && part !== undefined && typeof part !== 'boolean';
      if (isSecret) {
        collectLeaves(part, found, new Set());
      }
      return [maskText(name, found), isSecret ? MASK : maskValue(part, found, inside)];
    }),
  );
}

/** Takes given texts out of a value that has been copied by {@link maskValue}. */
function dropCopies(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), value);
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return secrets.includes(String(value)) ? MASK : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((part) => dropCopies(part, secrets));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      dropCopies(name, secrets) as string,
      dropCopies(part, secrets),
    ]),
  );
}

/**
 * Makes a copy of anything (object, text, URL, query string, error) in which every secret is
 * `***`: SecretKey, callback key, push authentication key, `sign`, `txSecret`, tokens and
 * Authorization. This is the one place that masks.
 *
 * A secret is found by the name before it: a field's name, or in a text what stands before `=` or
 * `:`, in any letter case, with any signs between its letters, and escaped any number of times
 * (`tx%53ecret%253D…`). What was found once is masked wherever else it stands in the same value.
 * What is needed of a secret has to be derived before.
 *
 * @param known - secrets known by value, masked wherever they stand
 */
export function maskSecrets<T>(value: T, known: Iterable<string> = []): T {
  const secrets = new Set<string>();
  const copy = maskValue(
    value,
    (secret) => {
      if (secret.length >= MIN_COPY_LENGTH && secret !== MASK) {
        secrets.add(secret);
      }
    },
    [],
  );
  for (const secret of known) {
    if (secret !== '') {
      secrets.add(secret);
    }
  }
  if (secrets.size === 0) {
    return copy as T;
  }
  // The longest first: a secret that holds another goes as a whole.
  const ordered = [...secrets].sort((a, b) => b.length - a.length);
  return dropCopies(copy, ordered) as T;
}
