import { type Command, Option } from 'commander';
import type { Filters } from '../../model/query.ts';
import type { Language } from '../../model/vocabulary.ts';
import { readConfig } from '../config/read-config.ts';
import { languageOption, parseMoment } from '../input/options.ts';
import { BREAK_CSV_HEADER, printBreakCsv } from '../output/break-csv.ts';
import { showProgress } from '../output/show-progress.ts';
import { OutputClosed, writeOutput } from '../output/write-output.ts';

interface ExportOptions {
  from?: number;
  to?: number;
  filter: string[];
  format: 'jsonl' | 'csv';
  lang: Language;
  url?: string;
}

/** Start of the default range: before any break. */
const LONG_AGO = 0;

/** Adds `breakwatch export`, which writes breaks with their diagnosis to standard output. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('Write breaks with their diagnoses to standard output, newest first.')
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
      new Option('--format <format>', 'jsonl has all fields, csv is for spreadsheets')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    )
    .addOption(languageOption())
    .option('--url <url>', 'server to ask (default: the data folder, or the server that uses it)')
    .action(async (options: ExportOptions) => {
      const range = { from: options.from ?? LONG_AGO, to: options.to ?? Date.now() + 1 };
      const filters = await readFilters(options.filter);
      // Imported here, so that other commands start faster.
      const { openRecords } = await import('../input/open-records.ts');
      const records = await openRecords(await readConfig(process.env), options.url);
      const progress = showProgress();
      const isCsv = options.format === 'csv';
      let count = 0;
      try {
        if (isCsv) {
          await writeOutput(BREAK_CSV_HEADER);
        }
        for await (const page of records.breaks({ range, filters, language: options.lang })) {
          const lines = page.map((shown) =>
            isCsv ? printBreakCsv(shown) : `${JSON.stringify(shown)}\n`,
          );
          await writeOutput(lines.join(''));
          count += page.length;
          if (!process.stdout.isTTY) {
            progress.update(null, `${count} breaks`);
          }
        }
        if (count === 0) {
          process.stderr.write(`No breaks found in ${records.where}.\n`);
        }
      } catch (thrown) {
        if (!(thrown instanceof OutputClosed)) {
          throw thrown;
        }
      } finally {
        progress.clear();
        await records.close();
      }
    });
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
