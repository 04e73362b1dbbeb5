/** One row of a CSV text. */
export interface CsvRow {
  /** Number of the line that it begins on, from 1. */
  line: number;
  fields: string[];
  /** What is wrong with its quotes; its fields are then not to be trusted. */
  problem?: string;
}

/** A quoted field may span lines, yet one that never closes must not swallow the file. */
const MAX_LINES = 50;
const MAX_ROW_LENGTH = 256 * 1024;

/**
 * Reads CSV as RFC 4180 has it, line by line so that a file of any size passes through: commas,
 * quotes doubled inside quotes, CRLF or LF, line breaks inside quotes. Empty lines are passed over.
 *
 * A quote that never closes spoils its own line alone: reading goes on at the line after it.
 *
 * @param lines - without their line ends, as readline gives them
 */
export async function* readCsvRows(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<CsvRow, void> {
  let pending: string[] = [];
  let begin = 0;
  let number = 0;
  const tooLong = () => pending.length > MAX_LINES || pending.join('\n').length > MAX_ROW_LENGTH;
  for await (const raw of lines) {
    number += 1;
    const line = number === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (pending.length === 0) {
      if (line.trim() === '') {
        continue;
      }
      begin = number;
    }
    pending.push(line);
    const fields = splitRow(pending.join('\n'));
    if (fields !== undefined) {
      yield { line: begin, ...fields };
      pending = [];
    } else if (tooLong()) {
      yield* recover(pending, begin);
      pending = [];
    }
  }
  yield* recover(pending, begin);
}

/** The first line is spoilt; the ones after it are rows of their own again. */
function* recover(lines: readonly string[], begin: number): Generator<CsvRow, void> {
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') {
      continue;
    }
    const row = splitRow(line);
    yield index === 0 || row === undefined
      ? { line: begin + index, fields: [], problem: 'a quote is opened but not closed' }
      : { line: begin + index, ...row };
  }
}

/** @returns undefined while a quote is open */
function splitRow(text: string): Pick<CsvRow, 'fields' | 'problem'> | undefined {
  const fields: string[] = [];
  let place = 0;
  let problem: string | undefined;
  for (;;) {
    if (text[place] === '"') {
      let close = place + 1;
      let value = '';
      for (;;) {
        const quote = text.indexOf('"', close);
        if (quote < 0) {
          return undefined;
        }
        value += text.slice(close, quote);
        if (text[quote + 1] !== '"') {
          close = quote + 1;
          break;
        }
        value += '"';
        close = quote + 2;
      }
      fields.push(value);
      const comma = text.indexOf(',', close);
      const end = comma < 0 ? text.length : comma;
      if (text.slice(close, end).trim() !== '') {
        problem = 'there is text after a closing quote';
      }
      place = end;
    } else {
      const comma = text.indexOf(',', place);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(place, end).trim());
      place = end;
    }
    if (place >= text.length) {
      return problem === undefined ? { fields } : { fields, problem };
    }
    place += 1;
    if (place === text.length) {
      fields.push('');
      return problem === undefined ? { fields } : { fields, problem };
    }
  }
}
