import type { Command } from 'commander';
import type { Language } from '../../model/vocabulary.ts';
import { readConfig } from '../config/read-config.ts';
import { languageOption } from '../input/options.ts';
import { printEvidence } from '../output/print-evidence.ts';

/** Adds `breakwatch evidence BREAK_ID`, which shows what CSS measured before a break. */
export function addEvidence(program: Command): void {
  program
    .command('evidence')
    .description(
      'Show what CSS measured in the minutes before a break, and what it means. Exit code 3: CSS could not be asked.',
    )
    .argument('<break-id>', 'id of the break, from export or the page')
    .addOption(languageOption())
    .option('--json', 'print JSON')
    .option('--url <url>', 'server to ask (default: the data folder, or the server that uses it)')
    .action(async (id: string, options: { lang: Language; json?: boolean; url?: string }) => {
      // Imported here, so that other commands start faster.
      const { openRecords } = await import('../input/open-records.ts');
      const records = await openRecords(await readConfig(process.env), options.url);
      try {
        const evidence = await records.evidence(id, options.lang);
        process.stdout.write(
          options.json ? `${JSON.stringify(evidence)}\n` : printEvidence(evidence),
        );
        if (evidence.problems.length > 0 && evidence.samples.length === 0) {
          process.exitCode = 3;
        }
      } finally {
        await records.close();
      }
    });
}
