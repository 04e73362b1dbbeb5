import type { Command } from 'commander';
import type { Language } from '../../model/vocabulary.ts';
import { readConfig } from '../config/read-config.ts';
import { languageOption } from '../input/language-option.ts';
import { printEvidence } from '../output/print-evidence.ts';

/** Adds `breakwatch evidence BREAK_ID`: what CSS measured in the minutes before a break. */
export function addEvidence(program: Command): void {
  program
    .command('evidence')
    .description(
      'Ask CSS what it measured in the minutes before a break, and what that shows. Exit code 3: nothing could be asked.',
    )
    .argument('<break-id>', 'id of the break, as export and the page show it')
    .addOption(languageOption())
    .option('--json', 'print JSON')
    .option('--url <url>', 'ask this server (default: the data folder, or the server that owns it)')
    .action(async (id: string, options: { lang: Language; json?: boolean; url?: string }) => {
      // Loaded here, so that short commands need not read an engine they never start.
      const { openRecords } = await import('../input/open-records.ts');
      const records = await openRecords(readConfig(process.env), options.url);
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
