import { type Node, parseTree, printParseErrorCode, visit } from 'jsonc-parser';

/** A position in a text. Both numbers start at 1; columns count UTF-16 units, as in editors. */
export interface Place {
  line: number;
  column: number;
}

/** The text is not valid JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly place: Place;

  /** @param place - where the text stops being valid JSON */
  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** A JSON document that knows the position of every value. */
export interface LocatedJson {
  value: unknown;
  /**
   * Finds the position of a value.
   *
   * @param pointer - JSON pointer; if it has no value, the nearest parent is used
   */
  placeOf(pointer: string): Place;
  /** Finds the position of an object's key. */
  placeOfKey(pointer: string): Place;
}

/** Maximum depth. No rule file is nested deeper, and deeper nesting would overflow the stack. */
const MAX_DEPTH = 200;
const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/** Formats one step of a JSON pointer. */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Splits a JSON pointer into its keys and indexes. */
export function stepsOfPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function found(text: string, offset: number): string {
  const sign = text[offset];
  return sign === undefined ? 'the end of the file' : JSON.stringify(sign);
}

/** Finds the first escape sequence in a string that is not valid in JSON. */
function badEscapeIn(text: string, start: number): number {
  let at = text.indexOf('\\', start);
  for (;;) {
    const [valid] = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/.exec(text.slice(at, at + 6)) ?? [];
    if (valid === undefined) {
      return at;
    }
    at = text.indexOf('\\', at + valid.length);
  }
}

/** Explains the error at the position where the parser stopped. */
function explainSyntax(code: string, text: string, offset: number): JsonSyntaxError {
  const fail = (message: string, at = offset) => new JsonSyntaxError(message, placeAt(text, at));
  const sign = text[offset];
  if ((sign === '}' || sign === ']') && text.slice(0, offset).trimEnd().endsWith(',')) {
    return fail(`remove the comma before ${sign}`);
  }
  if (sign === ',' && text.slice(0, offset).trimEnd().endsWith(',')) {
    return fail('remove one of the two commas');
  }
  if (sign === "'" || sign === '“' || sign === '”') {
    return fail(`write double quotes (") in place of ${sign}`);
  }
  switch (code) {
    case 'PropertyNameExpected':
      return fail(`expected a key in double quotes but found ${found(text, offset)}`);
    case 'ColonExpected':
      return fail(`expected a colon after the key but found ${found(text, offset)}`);
    case 'CommaExpected':
      return fail(`expected a comma but found ${found(text, offset)}`);
    case 'CloseBraceExpected':
      return fail(`expected a comma or } but found ${found(text, offset)}`);
    case 'CloseBracketExpected':
      return fail(`expected a comma or ] but found ${found(text, offset)}`);
    case 'EndOfFileExpected':
      return fail(`expected the end of the file but found ${found(text, offset)}`);
    case 'InvalidCommentToken':
    case 'UnexpectedEndOfComment':
      return fail('JSON does not allow comments');
    case 'UnexpectedEndOfString':
      return fail('this string has no closing double quote');
    case 'UnexpectedEndOfNumber':
    case 'InvalidNumberFormat':
      return fail('this is not a valid number');
    case 'InvalidUnicode':
    case 'InvalidEscapeCharacter':
      return fail('JSON does not have this escape sequence', badEscapeIn(text, offset));
    case 'InvalidCharacter':
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for.
      return fail('escape this control character', offset + text.slice(offset).search(/[\0-\x1f]/));
    default:
      return fail(`expected a value but found ${found(text, offset)}`);
  }
}

/** Checks the text as strictly as `JSON.parse`, and for duplicate keys. */
function checkSyntax(text: string): void {
  /** The keys so far of each object that is not closed yet; null for a list. */
  const open: (Set<string> | null)[] = [];
  const enter = (keys: Set<string> | null) => (offset: number) => {
    if (open.length > MAX_DEPTH) {
      throw new JsonSyntaxError('this is nested too deeply', placeAt(text, offset));
    }
    open.push(keys && new Set(keys));
  };
  const leave = () => {
    open.pop();
  };
  visit(
    text,
    {
      onObjectBegin: enter(new Set()),
      onArrayBegin: enter(null),
      onObjectEnd: leave,
      onArrayEnd: leave,
      onObjectProperty(key, offset) {
        const keys = open.at(-1) as Set<string>;
        if (keys.has(key)) {
          const message = `duplicate key ${JSON.stringify(key)} in this object`;
          throw new JsonSyntaxError(message, placeAt(text, offset));
        }
        keys.add(key);
      },
      onError(error, offset) {
        throw explainSyntax(printParseErrorCode(error), text, offset);
      },
    },
    STRICT,
  );
}

/** A string, and the colon after it when it is a key. */
const STRINGS = /"(?:[^"\\]|\\.)*"\s*(:?)/g;

/**
 * Parses JSON without a look at each character. When the value has as many keys as the text, none is there twice.
 *
 * @returns undefined when the text has a mistake, which {@link checkSyntax} finds
 */
function parseQuickly(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  let keys = 0;
  for (const [, colon] of text.matchAll(STRINGS)) {
    keys += colon === '' ? 0 : 1;
  }
  return countKeys(value, 0) === keys ? value : undefined;
}

/** Counts the keys of all objects in a value; not a number when it is nested too deeply. */
function countKeys(value: unknown, depth: number): number {
  if (value === null || typeof value !== 'object') {
    return 0;
  }
  if (depth > MAX_DEPTH) {
    return Number.NaN;
  }
  const parts = Object.values(value);
  let count = Array.isArray(value) ? 0 : parts.length;
  for (const part of parts) {
    count += countKeys(part, depth + 1);
  }
  return count;
}

function findNode(root: Node, pointer: string): { value: Node; key: Node } {
  let value = root;
  let key = root;
  for (const step of stepsOfPointer(pointer)) {
    const children = value.children ?? [];
    const child =
      value.type === 'array'
        ? children[Number(step)]
        : children.find(({ children: pair }) => pair?.[0]?.value === step);
    if (child === undefined) {
      break;
    }
    const [name, content] = child.type === 'property' ? (child.children ?? []) : [child, child];
    key = name ?? child;
    value = content ?? child;
  }
  return { value, key };
}

/**
 * Parses JSON as strictly as `JSON.parse`, and knows the position of each value. A duplicate key is an
 * error too, because one of the two values would be lost silently.
 *
 * @throws JsonSyntaxError with the position
 */
export function parseJson(text: string): LocatedJson {
  const parsed = parseQuickly(text);
  if (parsed === undefined) {
    checkSyntax(text);
  }
  let root: Node | undefined;
  const nodeAt = (pointer: string) => {
    root ??= parseTree(text) as Node;
    return findNode(root, pointer);
  };
  return {
    value: parsed === undefined ? JSON.parse(text) : parsed,
    placeOf: (pointer) => placeAt(text, nodeAt(pointer).value.offset),
    placeOfKey: (pointer) => placeAt(text, nodeAt(pointer).key.offset),
  };
}
