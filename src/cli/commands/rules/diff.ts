import type { Command } from 'commander';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { diffRules } from '../../../diagnosis/workbench/index.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { languageOption } from '../../input/language-option.ts';
import { addFormatOptions, type FormatOptions, formatOf } from './format-option.ts';
import { printDiff } from './print-diff.ts';
import { ruleFolders } from './rule-folders.ts';
import { runCheck } from './run-check.ts';

interface DiffCommandOptions extends FormatOptions {
  lang: Language;
  exitCode?: boolean;
}

async function load(folders: string[], below: string[] = []) {
  const { ruleSet, problems } = await loadPack(folders, below);
  for (const { file, line, column, message } of problems) {
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  }
  return ruleSet;
}

/** Adds `breakwatch rules diff A [B]`. */
export function addDiff(rules: Command): void {
  const command = rules
    .command('diff')
    .description('Describe what changed from one rules folder to another.')
    .argument(
      '<a>',
      'the old folder; without a second one: your folder, compared with the shipped rules',
    )
    .argument('[b]', 'the new folder')
    .option('--exit-code', 'exit with 1 when there is a difference')
    .addOption(languageOption());
  addFormatOptions(command, ['text', 'markdown', 'json']).action(
    (a: string, b: string | undefined, options: DiffCommandOptions) =>
      runCheck(async () => {
        const { own, below } = ruleFolders([a]);
        const [before, after] =
          b === undefined
            ? [await load(below), await load(own, below)]
            : [await load([a]), await load([b])];
        const diff = diffRules(before, after, options.lang);
        const format = formatOf(options);
        process.stdout.write(
          format === 'json'
            ? `${JSON.stringify(diff)}\n`
            : printDiff(diff, options.lang, format === 'markdown' ? 'markdown' : 'text'),
        );
        const differing = diff.added.length + diff.removed.length + diff.changed.length;
        return !options.exitCode || differing === 0;
      }),
  );
}
