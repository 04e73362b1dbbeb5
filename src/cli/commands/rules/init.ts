import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { makeTeamFolder } from '../../../diagnosis/workbench/index.ts';
import { addFormatOptions, type FormatOptions, formatOf } from './format-option.ts';
import { shownPath } from './print-findings.ts';
import { runCheck } from './run-check.ts';
import { writeWhole } from './write-file.ts';

/** Adds `breakwatch rules init DIR`. */
export function addInit(rules: Command): void {
  const command = rules
    .command('init')
    .description(
      'Create a folder for your own rules: a guide, the schema, settings for VS Code, an example. After an upgrade, run it again to update the schema only.',
    )
    .argument('<dir>');
  addFormatOptions(command, ['text', 'json']).action((dir: string, options: FormatOptions) =>
    runCheck(async () => {
      // The example of a team that is already at work would only come back to haunt it.
      const started = existsSync(join(dir, 'schema', 'rule.schema.json'));
      const written: string[] = [];
      const kept: string[] = [];
      for (const { file, text, ours } of makeTeamFolder()) {
        const path = join(dir, file);
        if (ours || !(started || existsSync(path))) {
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
              ...kept.map((file) => `left  ${file} as it is`),
              `Put its rules in force with BREAKWATCH_RULES=${dir}`,
              '',
            ].join('\n'),
      );
      return true;
    }),
  );
}
