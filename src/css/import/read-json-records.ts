import type { AnswerError } from '../../model/errors.ts';
import { isObject } from '../../model/is-object.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { parseJsonLine } from './read-lines.ts';

/** A line of a file, as `readLines` gives it. */
interface Line {
  /** From 1. */
  line: number;
  text: string;
  tooLong: boolean;
}

/** One record of a file with the line where it begins, or an error. */
export type JsonRecord = { line: number } & ({ record: unknown } | { error: AnswerError });

/** Maximum length of a JSON document over several lines that is not a list. */
const MAX_DOCUMENT_LENGTH = 4 * 1024 * 1024;

/** Lists of the API whose elements are records of breaks, or callbacks. */
const RECORD_LISTS = ['EventList', 'DataInfoList', 'PublishInfo'] as const;
/** Lists of the API that have no ends of pushes, with the reason. */
const OTHER_LISTS: Readonly<Record<string, string>> = {
  OnlineInfo:
    'it is a list of live streams (DescribeLiveStreamOnlineList), whose pushes have not ended; import DescribeLiveStreamEventList instead',
  ForbidStreamList:
    'it is a list of disabled streams (DescribeLiveForbidStreamList), not of breaks; import DescribeLiveStreamEventList instead',
};

function bad(problem: string): never {
  throw maskedError('BAD_EVENT', { problem });
}

/**
 * Returns the records of one JSON document: the elements of an answer of the API (`Response.EventList`, or
 * `DataInfoList` of callback records) or of an array, or the document itself.
 *
 * @throws `BAD_EVENT` for an answer without breaks, with the reason
 */
function recordsOf(document: unknown): unknown[] {
  if (Array.isArray(document) && document.length > 0) {
    return document.map(unwrap);
  }
  if (!isObject(document)) {
    return [document];
  }
  const answer = isObject(document.Response) ? document.Response : document;
  for (const [name, reason] of Object.entries(OTHER_LISTS)) {
    if (Array.isArray(answer[name])) {
      bad(reason);
    }
  }
  const list = RECORD_LISTS.map((name) => answer[name]).find(Array.isArray);
  if (list?.some((one) => isObject(one) && 'VideoFps' in one)) {
    bad(
      'it is a list of what CSS measured of live pushes (DescribeStreamPushInfoList, DescribeLiveStreamPushInfoList), not of breaks; import DescribeLiveStreamEventList instead',
    );
  }
  if (list) {
    return list.map(unwrap);
  }
  if (isObject(answer.Error) && typeof answer.Error.Code === 'string') {
    bad(`it is an error of the API, ${answer.Error.Code}`);
  }
  if (answer !== document) {
    bad('the answer of the API has no EventList');
  }
  return [unwrap(document)];
}

/** Fields that only records of breaks, callbacks and exports have. */
const OWN_FIELDS = [
  'event_type',
  'StreamName',
  'StopReason',
  'stream_id',
  'breakwatch',
  'reasonText',
];
/** Where a log service keeps what was logged (CLS exports `__CONTENT__` or `content`). */
const LOGGED_IN = ['Request', '__CONTENT__', 'content', 'message', 'log', 'body'];

/**
 * Returns the callback body inside a record of DescribeCallbackRecordsList, or inside a line that a log service
 * exported; other values unchanged.
 */
function unwrap(value: unknown): unknown {
  if (!isObject(value) || OWN_FIELDS.some((name) => name in value)) {
    return value;
  }
  for (const name of LOGGED_IN) {
    const inner = value[name];
    const logged = typeof inner === 'string' ? jsonIn(inner) : inner;
    if (isObject(logged) && OWN_FIELDS.some((own) => own in logged)) {
      return logged;
    }
  }
  // Named when the record is imported.
  return value;
}

/** A line of a log, up to the object that ends it. */
const LOGGED_OBJECT = /^[^{]{0,2000}(\{.*\})\s*$/su;

/** The object of JSON that a line is, or that a line of a log ends with; undefined when there is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(LOGGED_OBJECT.exec(text)?.[1] ?? '');
  } catch {
    return undefined;
  }
}

/** Parses a line: a document, an element of a list with its comma, or a line of a log that ends with an object. */
function parseRecordLine(text: string): unknown {
  try {
    return parseJsonLine(text);
  } catch (thrown) {
    const found = jsonIn(text.trimEnd().replace(/,$/, ''));
    if (found === undefined) {
      throw thrown;
    }
    return found;
  }
}

/** Follows the brackets of JSON text, character by character. */
class Brackets {
  depth = 0;
  #inString = false;
  #escaped = false;

  /** @returns the number of characters up to the end of the document; null while it is open */
  feed(text: string): number | null {
    for (let index = 0; index < text.length; index += 1) {
      const character = text[index];
      if (this.#inString) {
        if (this.#escaped) {
          this.#escaped = false;
        } else if (character === '\\') {
          this.#escaped = true;
        } else if (character === '"') {
          this.#inString = false;
        }
      } else if (character === '"') {
        this.#inString = true;
      } else if (character === '{' || character === '[') {
        this.depth += 1;
      } else if (character === '}' || character === ']') {
        this.depth -= 1;
        if (this.depth <= 0) {
          return index + 1;
        }
      }
    }
    return null;
  }
}

/** Pretty-printers break the line after an opening bracket. A record that was cut rarely ends with one. */
function opensDocument(text: string): boolean {
  return /^\s*[{[].*[{[]\s*$|^\s*[{[]\s*$/.test(text);
}

/** Collects the lines of one document over several lines. */
class OpenDocument {
  readonly line: number;
  readonly #lines: string[] = [];
  readonly #brackets = new Brackets();
  #length = 0;

  constructor(line: number) {
    this.line = line;
  }

  /** @returns whether the document ends with this line */
  add(text: string): boolean {
    this.#length += text.length + 1;
    this.#lines.push(text);
    return this.#brackets.feed(text) !== null;
  }

  get isTooLong(): boolean {
    return this.#length > MAX_DOCUMENT_LENGTH;
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /**
   * Returns the complete elements of the list in a pretty-printed document, with their lines. An element begins
   * and ends with a bracket on a line of its own, both with the same indentation.
   */
  elements(): { line: number; text: string }[] {
    const found: { line: number; text: string }[] = [];
    let start: { index: number; end: string } | undefined;
    for (const [index, text] of this.#lines.entries()) {
      const plain = text.trimEnd().replace(/,$/, '');
      if (start && plain === start.end) {
        const element = [...this.#lines.slice(start.index, index), plain].join('\n');
        found.push({ line: this.line + start.index, text: element });
        start = undefined;
      } else if (!start && index > 0 && /^\s+\{$/.test(plain)) {
        start = { index, end: plain.replace('{', '}') };
      }
    }
    return found;
  }
}

/**
 * Reads the records of a JSON file: JSON lines, arrays, and answers of the API as Tencent's tools print them,
 * in one line or in several. A line with an error is reported; the others are read. Of a document that is cut
 * in the middle, the complete elements are read.
 *
 * @throws errors of the input
 */
export async function* readJsonRecords(
  lines: AsyncIterable<Line>,
): AsyncGenerator<JsonRecord, void> {
  let open: OpenDocument | undefined;
  for await (const { line, text: raw, tooLong } of lines) {
    const text = line === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (open && /^[{[]/.test(text) && isJson(text)) {
      // A record of its own: the document before it was cut.
      yield* readCut(open);
      open = undefined;
    }
    if (open) {
      if (open.add(text)) {
        yield* readWhole(open);
        open = undefined;
      } else if (open.isTooLong) {
        yield* readCut(open, 'the document is too long');
        open = undefined;
      }
      continue;
    }
    if (text.trim() === '') {
      continue;
    }
    if (!tooLong && opensDocument(text)) {
      open = new OpenDocument(line);
      open.add(text);
      continue;
    }
    yield* readDocument(line, () =>
      tooLong ? bad(`the line is longer than ${raw.length} characters`) : parseRecordLine(text),
    );
  }
  if (open) {
    yield* readCut(open);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function* readDocument(line: number, parse: () => unknown): Generator<JsonRecord, void> {
  let records: unknown[];
  try {
    records = recordsOf(parse());
  } catch (thrown) {
    yield { line, error: asBreakwatchError(thrown).toAnswer() };
    return;
  }
  for (const record of records) {
    yield { line, record };
  }
}

/** Reads a whole document. Its records have their own lines if it is pretty-printed. */
function* readWhole(open: OpenDocument): Generator<JsonRecord, void> {
  const read = [...readDocument(open.line, () => parseJsonLine(open.text))];
  const places = open.elements();
  const hasPlaces = places.length === read.length;
  for (const [index, one] of read.entries()) {
    yield hasPlaces ? { ...one, line: (places[index] as { line: number }).line } : one;
  }
}

/** Reads what is complete of a document that was cut. */
function* readCut(
  open: OpenDocument,
  problem = `the JSON document that begins in line ${open.line} is cut off.`,
): Generator<JsonRecord, void> {
  const name = Object.keys(OTHER_LISTS).find((one) => open.text.includes(`"${one}"`));
  if (name !== undefined) {
    const error = maskedError('BAD_EVENT', { problem: OTHER_LISTS[name] as string });
    yield { line: open.line, error: error.toAnswer() };
    return;
  }
  for (const { line, text } of open.elements()) {
    yield* readDocument(line, () => parseJsonLine(text));
  }
  yield { line: open.line, error: maskedError('BAD_JSON', { problem }).toAnswer() };
}
