import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { patchFile } from '../../../diagnosis/workbench/index.ts';
import { nearestName } from '../../../model/errors.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { shownPath } from './print-findings.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';
import { writeWhole } from './write-file.ts';

/** Adds `breakwatch rules patch ID`, which creates a patch of a shipped rule. */
export function addPatch(rules: Command): void {
  const command = rules
    .command('patch')
    .description(
      'Create a patch that changes severity, alert, runbook or texts of a shipped rule. It starts with the present severity and changes nothing.',
    )
    .argument('<id>', 'the rule, for example network/link-error')
    .option('--dir <dir>', 'rules folder (default: BREAKWATCH_RULES)');
  addFormatOptions(command, ['text', 'json']).action(
    (id: string, options: FormatOptions & { dir?: string }) => {
      const dir = options.dir ?? process.env.BREAKWATCH_RULES;
      if (!dir) {
        const problem = 'error: name a rules folder with --dir or BREAKWATCH_RULES.';
        return command.error(problem, { exitCode: 2 });
      }
      return runCheck(async () => {
        const { own, below } = ruleFolders(existsSync(dir) ? [dir] : []);
        const { ruleSet, isOwn } = await loadPack(own, below);
        const rule = ruleSet.rules.find((one) => one.id === id);
        if (!rule) {
          const ids = ruleSet.rules.map((one) => one.id);
          const meant = nearestName(id, ids);
          const hint = meant ? `; did you mean ${meant}?` : '';
          throw maskedError('RULE_ID_BAD', { id, problem: `there is no such rule${hint}` });
        }
        if (below.length > 0 && isOwn(rule)) {
          const problem = 'it is a rule of your folder, so change it there';
          throw maskedError('RULE_ID_BAD', { id, problem });
        }
        const file = join(dir, rule.patch?.file ?? `patches/${id}.json`);
        if (existsSync(file)) {
          throw maskedError('RULE_EXISTS', { file: shownPath(file) });
        }
        const { severity } = rule.event.params;
        await writeWhole(file, patchFile(rule, { severity }));
        process.stdout.write(
          formatOf(options) === 'json'
            ? `${JSON.stringify({ file: shownPath(file) })}\n`
            : `Created ${shownPath(file)}. Change it, then run breakwatch rules check.\n`,
        );
        return true;
      });
    },
  );
}
