/** A place in a text; both count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  line: number;
  column: number;
}

/** A text that is no JSON, and where it stops being it. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** A JSON document that remembers where everything stands. */
export interface LocatedJson {
  value: unknown;
  /**
   * Where a value stands.
   *
   * @param pointer - JSON pointer; a place that does not exist gives its nearest parent
   */
  placeOf(pointer: string): Place;
  /** Where the key of an object's member stands. */
  placeOfKey(pointer: string): Place;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// All but control characters, the quotation mark and the backslash.
const PLAIN_TEXT = /[ !#-[\]-\uffff]*/y;
const WHITE = /[ \t\r\n]*/y;
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
/** Deeper nesting is no rule file, and would exhaust the stack. */
const DEEPEST = 200;

/** One step of a JSON pointer. */
export function pointerStep(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Parses JSON strictly, as `JSON.parse` does, and remembers positions. A key that stands twice in
 * one object is an error too, because one of both would silently be lost.
 *
 * @throws JsonSyntaxError with the place
 */
export function parseJson(text: string): LocatedJson {
  const values = new Map<string, number>();
  const keys = new Map<string, number>();
  let at = 0;

  function place(offset: number): Place {
    const before = text.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: offset - lineStart + 1 };
  }
  function fail(message: string, offset = at): never {
    throw new JsonSyntaxError(message, place(offset));
  }
  function take(pattern: RegExp): string {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  }
  function expect(sign: string, wanted: string): void {
    if (text[at] !== sign) {
      fail(`expected ${wanted} but found ${described()}`);
    }
    at += 1;
  }
  function described(): string {
    const sign = text[at];
    return sign === undefined ? 'the end of the file' : JSON.stringify(sign);
  }

  function readText(): string {
    const start = at;
    at += 1;
    let words = '';
    for (;;) {
      words += take(PLAIN_TEXT);
      const sign = text[at];
      if (sign === '"') {
        at += 1;
        return words;
      }
      if (sign === undefined || sign === '\n') {
        fail('this text has no closing quotation mark', start);
      }
      if (sign !== '\\') {
        fail('a control character must be escaped');
      }
      const escaped = text[at + 1] ?? '';
      const plain = Object.hasOwn(ESCAPES, escaped) ? ESCAPES[escaped] : undefined;
      if (plain !== undefined) {
        words += plain;
        at += 2;
      } else {
        const code = /^u[0-9a-fA-F]{4}/.exec(text.slice(at + 1, at + 6))?.[0];
        if (!code) {
          fail('this is no escape that JSON knows');
        }
        words += String.fromCharCode(Number.parseInt(code.slice(1), 16));
        at += 6;
      }
    }
  }

  function readObject(pointer: string, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    at += 1;
    take(WHITE);
    if (text[at] === '}') {
      at += 1;
      return object;
    }
    for (;;) {
      take(WHITE);
      if (text[at] !== '"') {
        fail(
          text[at] === '}'
            ? 'there is a comma too many before }'
            : `expected a key in quotation marks but found ${described()}`,
        );
      }
      const keyAt = at;
      const key = readText();
      const child = pointer + pointerStep(key);
      if (Object.hasOwn(object, key)) {
        fail(`the key ${JSON.stringify(key)} stands twice in this object`, keyAt);
      }
      keys.set(child, keyAt);
      take(WHITE);
      expect(':', 'a colon after the key');
      // An own property, also for the key __proto__.
      Object.defineProperty(object, key, {
        value: readValue(child, depth + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      });
      take(WHITE);
      if (text[at] === '}') {
        at += 1;
        return object;
      }
      expect(',', 'a comma or }');
    }
  }

  function readArray(pointer: string, depth: number): unknown[] {
    const array: unknown[] = [];
    at += 1;
    take(WHITE);
    if (text[at] === ']') {
      at += 1;
      return array;
    }
    for (;;) {
      array.push(readValue(pointer + pointerStep(array.length), depth + 1));
      take(WHITE);
      if (text[at] === ']') {
        at += 1;
        return array;
      }
      expect(',', 'a comma or ]');
      take(WHITE);
      if (text[at] === ']') {
        fail('there is a comma too many before ]');
      }
    }
  }

  function readValue(pointer: string, depth: number): unknown {
    take(WHITE);
    values.set(pointer, at);
    if (depth > DEEPEST) {
      fail('this is nested too deeply');
    }
    const sign = text[at];
    if (sign === '{') {
      return readObject(pointer, depth);
    }
    if (sign === '[') {
      return readArray(pointer, depth);
    }
    if (sign === '"') {
      return readText();
    }
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    const number = take(NUMBER);
    if (number === '') {
      fail(
        text.startsWith('//', at) || text.startsWith('/*', at)
          ? 'JSON has no comments'
          : `expected a value but found ${described()}`,
      );
    }
    return Number(number);
  }

  const value = readValue('', 0);
  take(WHITE);
  if (at < text.length) {
    fail(`expected the end of the file but found ${described()}`);
  }

  function nearest(known: Map<string, number>, pointer: string): Place {
    for (let step = pointer; ; step = step.slice(0, step.lastIndexOf('/'))) {
      const offset = known.get(step) ?? values.get(step);
      if (offset !== undefined) {
        return place(offset);
      }
    }
  }
  return {
    value,
    placeOf: (pointer) => nearest(values, pointer),
    placeOfKey: (pointer) => nearest(keys, pointer),
  };
}
