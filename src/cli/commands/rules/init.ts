import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeTeamFolder } from '../../../diagnosis/workbench/index.ts';
import { shownPath } from './print-findings.ts';
import { addFormatOptions, type FormatOptions, formatOf, runCheck } from './rules-command.ts';
import { writeWhole } from './write-file.ts';

/** Adds `breakwatch rules init DIR`, which creates a folder for a team's rules. */
export function addInit(rules: Command): void {
  const command = rules
    .command('init')
    .description(
      'Create a folder for your own rules: a guide, the schema, settings for VS Code, an example. After an upgrade, run it again to update the schema only.',
    )
    .argument('<dir>', 'folder to create or update');
  addFormatOptions(command, ['text', 'json']).action((dir: string, options: FormatOptions) =>
    runCheck(async () => {
      // In a folder that is in use, do not create the example again.
      const isInUse = existsSync(join(dir, 'schema', 'rule.schema.json'));
      const written: string[] = [];
      const kept: string[] = [];
      for (const { file, text, ours } of makeTeamFolder()) {
        const path = join(dir, file);
        if (ours || !(isInUse || existsSync(path))) {
          await writeWhole(path, text);
          written.push(shownPath(path));
        } else {
          kept.push(shownPath(path));
        }
      }
      process.stdout.write(
        formatOf(options) === 'json'
          ? `${JSON.stringify({ written, kept })}\n`
          : [
              ...written.map((file) => `wrote ${file}`),
              ...kept.map((file) => `kept  ${file}`),
              `Set BREAKWATCH_RULES=${dir} to use these rules.`,
              '',
            ].join('\n'),
      );
      return true;
    }),
  );
}
