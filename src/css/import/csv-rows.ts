/** One row of a CSV file. */
export interface CsvRow {
  /** Number of its first line, from 1. */
  line: number;
  fields: string[];
  /** An error in its quotes. Do not use its fields then. */
  problem?: string;
}

/** Limits of a quoted field over several lines, so that an open quote cannot hide the whole file. */
const MAX_LINES = 50;
const MAX_ROW_LENGTH = 256 * 1024;

/**
 * Reads CSV (RFC 4180) line by line, so files may have any size. Skips empty lines. A first line without commas but
 * with tabs or semicolons names another separator: copied tables have tabs, and Excel writes semicolons in many
 * countries.
 *
 * A quote that is never closed makes only its own line invalid. Reading continues on the next line.
 *
 * @param lines - without line ends
 */
export async function* readCsvRows(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<CsvRow, void> {
  let pending: string[] = [];
  let startLine = 0;
  let lineNumber = 0;
  let separator: string | undefined;
  const tooLong = () => pending.length > MAX_LINES || pending.join('\n').length > MAX_ROW_LENGTH;
  for await (const raw of lines) {
    lineNumber += 1;
    const line = lineNumber === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (pending.length === 0) {
      if (line.trim() === '') {
        continue;
      }
      startLine = lineNumber;
      separator ??= separatorOf(line);
    }
    pending.push(line);
    const fields = splitRow(pending.join('\n'), separator);
    if (fields !== undefined) {
      yield { line: startLine, ...fields };
      pending = [];
    } else if (tooLong()) {
      yield* recover(pending, startLine, separator);
      pending = [];
    }
  }
  yield* recover(pending, startLine, separator);
}

/** The separator of a file, from its first line. */
function separatorOf(line: string): string {
  return line.includes(',') ? ',' : (['\t', ';'].find((one) => line.includes(one)) ?? ',');
}

/** After a quote that is never closed: reports its line, and reads the next lines as rows. */
function* recover(
  lines: readonly string[],
  startLine: number,
  separator: string | undefined,
): Generator<CsvRow, void> {
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') {
      continue;
    }
    const row = splitRow(line, separator);
    yield index === 0 || row === undefined
      ? { line: startLine + index, fields: [], problem: 'a quote is opened but not closed' }
      : { line: startLine + index, ...row };
  }
}

/** @returns undefined while a quote is open */
function splitRow(text: string, separator = ','): Pick<CsvRow, 'fields' | 'problem'> | undefined {
  const fields: string[] = [];
  let position = 0;
  let problem: string | undefined;
  for (;;) {
    if (text[position] === '"') {
      let close = position + 1;
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
      const comma = text.indexOf(separator, close);
      const end = comma < 0 ? text.length : comma;
      if (text.slice(close, end).trim() !== '') {
        problem = 'there is text after a closing quote';
      }
      position = end;
    } else {
      const comma = text.indexOf(separator, position);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(position, end).trim());
      position = end;
    }
    if (position >= text.length) {
      return problem === undefined ? { fields } : { fields, problem };
    }
    position += 1;
    if (position === text.length) {
      fields.push('');
      return problem === undefined ? { fields } : { fields, problem };
    }
  }
}
