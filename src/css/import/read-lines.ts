import { maskedError } from '../../secrets/masked-error.ts';
/** A line of a file. */
export interface FileLine {
  /** From 1. */
  line: number;
  /** Without its line end; cut to the limit when it is longer. */
  text: string;
  tooLong: boolean;
}

/** No event and no row comes near this; a longer line is no text of ours. */
const MAX_LINE_LENGTH = 1024 * 1024;

/**
 * Splits bytes into lines as they come, in memory bounded by the longest line taken. UTF-8; UTF-16
 * with its mark, and GB18030 when the first piece is not UTF-8, as Chinese spreadsheets save it.
 * LF, CRLF and CR end a line.
 *
 * @throws what the input throws
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  maxLength = MAX_LINE_LENGTH,
): AsyncGenerator<FileLine, void> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  let tooLong = false;
  let line = 1;
  let afterReturn = false;
  const keep = (text: string) => {
    if (!tooLong) {
      rest += text;
      if (rest.length > maxLength) {
        rest = rest.slice(0, maxLength);
        tooLong = true;
      }
    }
  };
  function* split(text: string): Generator<FileLine, void> {
    let begin = 0;
    // The LF of a CRLF that was cut in two.
    if (afterReturn && text[0] === '\n') {
      begin = 1;
    }
    if (text !== '') {
      afterReturn = false;
    }
    for (;;) {
      const end = nextEnd(text, begin);
      if (end < 0) {
        keep(text.slice(begin));
        return;
      }
      keep(text.slice(begin, end));
      yield { line, text: rest, tooLong };
      rest = '';
      tooLong = false;
      line += 1;
      begin = end + 1;
      if (text[end] === '\r') {
        if (text[begin] === '\n') {
          begin += 1;
        } else if (begin === text.length) {
          afterReturn = true;
        }
      }
    }
  }
  for await (const piece of input) {
    if (piece.length === 0) {
      continue;
    }
    decoder ??= new TextDecoder(sniff(piece));
    yield* split(decoder.decode(piece, { stream: true }));
  }
  if (decoder) {
    yield* split(decoder.decode());
  }
  if (rest !== '') {
    yield { line, text: rest, tooLong };
  }
}

function nextEnd(text: string, begin: number): number {
  const feed = text.indexOf('\n', begin);
  const back = text.indexOf('\r', begin);
  return feed < 0 ? back : back < 0 ? feed : Math.min(feed, back);
}

function sniff(piece: Uint8Array): string {
  if (piece[0] === 0xff && piece[1] === 0xfe) {
    return 'utf-16le';
  }
  if (piece[0] === 0xfe && piece[1] === 0xff) {
    return 'utf-16be';
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(piece, { stream: true });
    return 'utf-8';
  } catch {
    return 'gb18030';
  }
}

/**
 * Parses one line as JSON. The error tells the place and never quotes the line, which may hold a
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
