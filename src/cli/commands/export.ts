import { type Command, Option } from 'commander';
import type { Filters } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import { readConfig } from '../config/read-config.ts';
import type { Records } from '../input/open-records.ts';
import { languageOption, parseMoment } from '../input/options.ts';
import { BREAK_CSV_HEADER, CSV_RETURNS, printBreakCsv } from '../output/break-csv.ts';
import { showProgress } from '../output/show-progress.ts';
import { OutputClosed, writeOutput } from '../output/write-output.ts';

interface ExportOptions {
  from?: number;
  to?: number;
  filter: string[];
  format: 'jsonl' | 'breaks' | 'csv';
  lang: Language;
  url?: string;
}

/** Start of the default range: before any break. */
const LONG_AGO = 0;

/** The filters that choose streams. A journal entry has no diagnosis yet. */
const STREAM_FILTERS: readonly string[] = ['account', 'domain', 'app', 'stream'];

/** Adds `breakwatch export`, which writes the journal or breaks with their diagnosis to standard output. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description(
      'Write the journal to standard output, or breaks with their diagnoses, newest first.',
    )
    .option(
      '--from <time>',
      'start of the range, ISO 8601 or epoch ms (default: the first break)',
      parseMoment,
    )
    .option('--to <time>', 'end of the range, exclusive (default: now)', parseMoment)
    .addOption(
      new Option(
        '--filter <name=value>',
        'for example category=auth or stream=shop-*; can be repeated',
      )
        .argParser((text: string, before: string[]) => [...before, text])
        .default([], 'all breaks'),
    )
    .addOption(
      new Option(
        '--format <format>',
        'jsonl can be imported again, breaks is one break with its diagnosis a line, csv is for spreadsheets',
      )
        .choices(['jsonl', 'breaks', 'csv'])
        .default('jsonl'),
    )
    .addOption(languageOption())
    .option('--url <url>', 'server to ask (default: the data folder, or the server that uses it)')
    .addHelpText(
      'after',
      `
jsonl holds the journal with its secrets masked, and the facts of the breaks: an import of
all of it gives the same breaks, ids, recoveries and incidents. Its filters are ${STREAM_FILTERS.join(', ')}.
csv: an import reads ${CSV_RETURNS.join(', ')}.
The other columns cannot be imported, so recoveries, nodes and ids do not come back.
breaks cannot be imported.`,
    )
    .action((options: ExportOptions) =>
      options.format === 'jsonl' ? exportJournal(options) : exportBreaks(options),
    );
}

async function exportBreaks(options: ExportOptions): Promise<void> {
  const range = { from: options.from ?? LONG_AGO, to: options.to ?? Date.now() + 1 };
  const filters = await readFilters(options.filter);
  const isCsv = options.format === 'csv';
  await withRecords(options, async (records, show) => {
    let count = 0;
    if (isCsv) {
      await writeOutput(BREAK_CSV_HEADER);
    }
    for await (const page of records.breaks({ range, filters, language: options.lang })) {
      const lines = page.map((shown) =>
        isCsv ? printBreakCsv(shown) : `${JSON.stringify(shown)}\n`,
      );
      await writeOutput(lines.join(''));
      count += page.length;
      show(`${count} breaks`);
    }
    if (count === 0) {
      process.stderr.write(`No breaks found in ${records.where}.\n`);
    }
  });
}

async function exportJournal(options: ExportOptions): Promise<void> {
  const { from, to } = options;
  const filters = await readFilters(options.filter);
  const other = Object.keys(filters).find((name) => !STREAM_FILTERS.includes(name));
  if (other !== undefined) {
    const { badField } = await import('../../queries/parse-request.ts');
    throw badField(
      `--filter ${other}`,
      'needs --format breaks or csv: jsonl holds the journal, which has no diagnoses',
    );
  }
  const range =
    from === undefined && to === undefined
      ? {}
      : { range: { from: from ?? LONG_AGO, to: to ?? Date.now() + 1 } };
  await withRecords(options, async (records, show) => {
    let bytes = 0;
    for await (const lines of records.exportLines({ ...range, filters })) {
      await writeOutput(lines);
      bytes += lines.length;
      show(`${(bytes / 1e6).toFixed(1)} MB`);
    }
  });
}

/**
 * Opens the records for an export, and closes them. Ends quietly when the reader of the output leaves.
 *
 * @param write - writes the export; `show` shows how far it is, unless the output is the terminal
 */
async function withRecords(
  { url }: ExportOptions,
  write: (records: Records, show: (progress: string) => void) => Promise<void>,
): Promise<void> {
  // Imported here, so that other commands start faster.
  const { openRecords } = await import('../input/open-records.ts');
  const records = await openRecords(await readConfig(process.env), url);
  const progress = showProgress();
  try {
    await write(records, (text) => {
      if (!process.stdout.isTTY) {
        progress.update(null, text);
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof OutputClosed)) {
      throw thrown;
    }
  } finally {
    progress.clear();
    await records.close();
  }
}

/** @throws `BAD_QUERY` */
async function readFilters(given: readonly string[]): Promise<Filters> {
  // Imported here, so that other commands start faster.
  const { badField, parseFilters } = await import('../../queries/parse-request.ts');
  const filters: Record<string, string[]> = {};
  for (const text of given) {
    const equals = text.indexOf('=');
    if (equals < 1) {
      throw badField('--filter', `must be name=value, not "${text}"`);
    }
    const name = text.slice(0, equals);
    filters[name] = [...(filters[name] ?? []), ...text.slice(equals + 1).split(',')];
  }
  return parseFilters(filters, '--filter ');
}
