import { maskedError } from '../../secrets/masked-error.ts';

/** A line of a file. */
export interface FileLine {
  /** From 1. */
  line: number;
  /** Without its line end. Cut to the maximum length. */
  text: string;
  tooLong: boolean;
}

/** Maximum length of a line. Events are much shorter, but an answer of the API may be one line. */
const MAX_LINE_LENGTH = 8 * 1024 * 1024;

/**
 * Splits a byte stream into lines. Memory is bounded by the maximum line length. Reads UTF-8; UTF-16
 * with a byte order mark; and GB18030, which Chinese spreadsheets use, if the first chunk is not
 * UTF-8. LF, CRLF and CR end a line.
 *
 * @throws errors of the input
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  maxLength = MAX_LINE_LENGTH,
): AsyncGenerator<FileLine, void> {
  let decoder: TextDecoder | undefined;
  let pending = '';
  let tooLong = false;
  let line = 1;
  let afterCarriageReturn = false;
  const append = (text: string) => {
    if (!tooLong) {
      pending += text;
      if (pending.length > maxLength) {
        pending = pending.slice(0, maxLength);
        tooLong = true;
      }
    }
  };
  function* split(text: string): Generator<FileLine, void> {
    let start = 0;
    // The LF of a CRLF that is split between two chunks.
    if (afterCarriageReturn && text[0] === '\n') {
      start = 1;
    }
    if (text !== '') {
      afterCarriageReturn = false;
    }
    for (;;) {
      const end = nextLineEnd(text, start);
      if (end < 0) {
        append(text.slice(start));
        return;
      }
      append(text.slice(start, end));
      yield { line, text: pending, tooLong };
      pending = '';
      tooLong = false;
      line += 1;
      start = end + 1;
      if (text[end] === '\r') {
        if (text[start] === '\n') {
          start += 1;
        } else if (start === text.length) {
          afterCarriageReturn = true;
        }
      }
    }
  }
  for await (const chunk of input) {
    if (chunk.length === 0) {
      continue;
    }
    decoder ??= new TextDecoder(detectEncoding(chunk));
    yield* split(decoder.decode(chunk, { stream: true }));
  }
  if (decoder) {
    yield* split(decoder.decode());
  }
  if (pending !== '') {
    yield { line, text: pending, tooLong };
  }
}

function nextLineEnd(text: string, start: number): number {
  const lf = text.indexOf('\n', start);
  const cr = text.indexOf('\r', start);
  return lf < 0 ? cr : cr < 0 ? lf : Math.min(lf, cr);
}

function detectEncoding(chunk: Uint8Array): string {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) {
    return 'utf-16le';
  }
  if (chunk[0] === 0xfe && chunk[1] === 0xff) {
    return 'utf-16be';
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(chunk, { stream: true });
    return 'utf-8';
  } catch {
    return 'gb18030';
  }
}

/**
 * Parses one line as JSON. The error has the position, but no text of the line, which may contain a
 * secret.
 *
 * @throws `BAD_JSON`
 */
export function parseJsonLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const place = /at position (\d+)/.exec((thrown as Error).message)?.[1];
    throw maskedError('BAD_JSON', {
      problem: place ? `syntax error at character ${place}.` : 'it is cut off or not JSON.',
    });
  }
}
