import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type ConsoleColumns,
  checkExports,
  type JsonRecord,
  jsonIn,
  nameOtherFile,
  readConsoleHeader,
  readConsoleRow,
  readCsvRows,
  readJsonRecords,
  readLines,
} from '../../css/import/index.ts';
import { ImportBatches } from '../../engine/collect/import-batches.ts';
import type { AnswerError, BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { readConfig } from '../config/read-config.ts';
import { decompress } from '../input/decompress.ts';
import type { Records } from '../input/open-records.ts';
import { printable } from '../output/printable.ts';
import { showProgress } from '../output/show-progress.ts';

interface ImportOptions {
  account?: string;
  format: 'auto' | 'jsonl' | 'csv';
  timezone: number;
  notify?: boolean;
  rejects?: string;
  url?: string;
  json?: boolean;
}

/** Maximum of rejected lines on the terminal; --rejects writes all of them to a file. */
const MAX_SHOWN = 100;

/** Adds `breakwatch import FILE|-`, which adds exported events to the journal. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'Import events: an export of Breakwatch, JSON lines (callback bodies or records of DescribeLiveStreamEventList), answers of the API as Tencent tools print them (Response.EventList), or the CSV export of the CSS console. Known events are not counted twice.',
    )
    .argument('<file>', 'file to read, also compressed (.gz); - for standard input')
    .option(
      '--account <name>',
      'account of all events (default: the one that an export names, or the only configured one)',
    )
    .addOption(
      new Option('--format <format>', 'auto detects it from the first line')
        .choices(['auto', 'jsonl', 'csv'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--timezone <offset>',
        "time zone of CSV times without one, for example +08:00 or Z; the console writes the viewer's local time",
      )
        .argParser(parseOffset)
        .default(8 * 3_600_000, '+08:00'),
    )
    .option(
      '--notify',
      'let imported breaks notify like collected ones (default: they notify nobody)',
    )
    .option('--rejects <file>', 'write rejected lines to this file, as JSON lines')
    .option(
      '--url <url>',
      'server to send to (default: the data folder, or the server that uses it)',
    )
    .option('--json', 'print the counts as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 all lines accepted, 1 some rejected or failed, 2 wrong usage.',
    )
    .action(async (file: string, options: ImportOptions) => {
      const config = await readConfig(process.env);
      // Imported here, so that other commands start faster.
      const { openRecords } = await import('../input/open-records.ts');
      const records = await openRecords(config, options.url, { begin: true });
      try {
        const counts = await importFile(file, options, records);
        const account = options.account ?? null;
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ account, where: records.where, ...counts })}\n`
            : `${counts.lines} lines into ${records.where}${account === null ? '' : `, account ${account}`}: ${counts.accepted} new, ${counts.duplicates} already known, ${counts.rejected} rejected\n`,
        );
        process.exitCode = counts.rejected > 0 ? 1 : 0;
      } finally {
        await records.close();
      }
    });
}

/**
 * Imports a file, and reports its rejected lines.
 *
 * @param file - `-` for standard input
 * @returns the numbers of lines
 * @throws `FILE_UNREADABLE`, `UNKNOWN_ACCOUNT`, `BAD_QUERY`, `STORE_FAILED`, `SERVER_*`
 */
export async function importFile(
  file: string,
  options: ImportOptions,
  records: Records,
): Promise<ImportBatches['counts']> {
  const progress = showProgress();
  const account = options.account ?? null;
  const rejects = options.rejects ? createWriteStream(options.rejects) : undefined;
  const rejectsFailed = new Promise<never>((_resolve, reject) =>
    rejects?.once('error', (thrown) => reject(unreadable(options.rejects as string, thrown))),
  );
  rejectsFailed.catch(() => undefined);
  const size = file === '-' ? null : sizeOf(file);
  let bytes = 0;

  const onRejected = (line: number, error: AnswerError) => {
    rejects?.write(`${JSON.stringify({ line, error })}\n`);
    if (!rejects && batches.counts.rejected <= MAX_SHOWN) {
      progress.clear();
      process.stderr.write(`line ${line}: ${error.code}: ${printable(error.message)}\n`);
    }
  };
  const importRecords = (batch: readonly unknown[]) =>
    Promise.race([
      records.importRecords(account, batch, { notify: options.notify === true }),
      rejectsFailed,
    ]);
  const onImported = () => {
    const { lines, accepted, duplicates, rejected } = batches.counts;
    progress.update(
      size ? Math.min(1, bytes / size) : null,
      `${lines} lines: ${accepted} new, ${duplicates} known, ${rejected} rejected`,
    );
  };
  const batches = new ImportBatches({
    importRecords,
    onRejected,
    onImported,
    atOnce: records.importsAtOnce,
  });
  const input = (async function* () {
    for await (const piece of file === '-' ? process.stdin : createReadStream(file)) {
      bytes += (piece as Buffer).length;
      yield piece as Buffer;
    }
  })();
  const content = (async function* () {
    try {
      yield* decompress(input);
    } catch (thrown) {
      throw unreadable(file, thrown);
    }
  })();
  // Before reading anything, so that a wrong account fails immediately.
  await importRecords([]);
  onImported();
  for await (const one of readRecords(content, options)) {
    await batches.add(one);
  }
  await batches.end();
  progress.clear();
  const { counts } = batches;
  if (rejects) {
    await Promise.race([new Promise<void>((done) => rejects.end(done)), rejectsFailed]);
  } else if (counts.rejected > MAX_SHOWN) {
    process.stderr.write(
      `${counts.rejected - MAX_SHOWN} more rejected. --rejects FILE writes all of them to a file.\n`,
    );
  }
  return counts;
}

function sizeOf(file: string): number | null {
  try {
    const { size } = statSync(file);
    return size > 0 ? size : null;
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

function unreadable(file: string, thrown: unknown): BreakwatchError {
  return maskedError('FILE_UNREADABLE', { file, problem: (thrown as Error).message });
}

async function* readRecords(
  input: AsyncIterable<Uint8Array>,
  { format, timezone }: ImportOptions,
): AsyncGenerator<JsonRecord, void> {
  const lines = readLines(input);
  let first = await lines.next();
  if (!first.done && /^HTTP\/\d/.test(first.value.text)) {
    // The header of an answer, as `curl -i` prints it, ends with an empty line.
    while (!first.done && first.value.text.trim() !== '') {
      first = await lines.next();
    }
  }
  if (first.done) {
    return;
  }
  const other = nameOtherFile(first.value.text);
  if (other !== null) {
    throw maskedError('BAD_EVENT', { problem: other });
  }
  const all = (async function* () {
    yield first.value;
    yield* lines;
  })();
  const isCsv =
    format === 'csv' ||
    (format === 'auto' &&
      !/^\uFEFF?\s*(?:[{[]|$)/.test(first.value.text) &&
      jsonIn(first.value.text) === undefined);
  yield* isCsv ? readCsv(all, timezone) : checkExports(readJsonRecords(all));
}

async function* readCsv(
  lines: AsyncIterable<{ text: string }>,
  offsetMs: number,
): AsyncGenerator<JsonRecord, void> {
  const texts = (async function* () {
    for await (const { text } of lines) {
      yield text;
    }
  })();
  let columns: ConsoleColumns | undefined;
  for await (const { line, fields, problem } of readCsvRows(texts)) {
    if (columns === undefined) {
      columns = readConsoleHeader(fields, line);
      if (columns.ignored.length > 0) {
        process.stderr.write(`Columns that are not imported: ${columns.ignored.join(', ')}.\n`);
      }
      continue;
    }
    const known = columns;
    yield attempt(line, () => {
      if (problem !== undefined) {
        throw maskedError('BAD_EVENT', { problem });
      }
      return readConsoleRow(fields, known, offsetMs);
    });
  }
}

function attempt(line: number, read: () => unknown): JsonRecord {
  try {
    return { line, record: read() };
  } catch (thrown) {
    return { line, error: asBreakwatchError(thrown).toAnswer() };
  }
}

function parseOffset(text: string): number {
  if (/^(?:Z|UTC)$/i.test(text)) {
    return 0;
  }
  const found = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(text);
  const minutes = found ? Number(found[2]) * 60 + Number(found[3] ?? 0) : Number.NaN;
  if (!(minutes <= 14 * 60)) {
    throw new InvalidArgumentError('give an offset such as +08:00, -05:00 or Z.');
  }
  return (found?.[1] === '-' ? -1 : 1) * minutes * 60_000;
}
