import { type Command, Option } from 'commander';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { explainEvent } from '../../../diagnosis/workbench/index.ts';
import { flattenDiagnosis } from '../../../model/diagnosis.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { languageOption } from '../../input/language-option.ts';
import { addFormatOptions, type FormatOptions, formatOf } from './format-option.ts';
import { printExplanation } from './print-explanation.ts';
import { readEventInput } from './read-event-input.ts';
import { ruleFolders } from './rule-folders.ts';
import { runCheck } from './run-check.ts';

interface ExplainCommandOptions extends FormatOptions {
  lang: Language;
  rules: string[];
}

/** Adds `breakwatch rules explain [EVENT|-]`. */
export function addExplain(rules: Command): void {
  const command = rules
    .command('explain')
    .description(
      'Explain the diagnosis of an event: each condition with PASS or FAIL and the actual value, why the rule won, and which rules nearly won.',
    )
    .argument('[event]', 'JSON, a file, or - for standard input', '-')
    .addOption(
      new Option('--rules <dir...>', 'rules folders, over the shipped rules').default(
        [],
        'those in force',
      ),
    )
    .addOption(languageOption());
  addFormatOptions(command, ['text', 'json']).action(
    (source: string, options: ExplainCommandOptions) =>
      runCheck(async () => {
        const { own, below } = ruleFolders(options.rules);
        const { ruleSet, problems } = await loadPack(own, below);
        for (const { file, line, column, message } of problems) {
          process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
        }
        const { facts, match } = await readEventInput(source);
        const explanation = await explainEvent(ruleSet, facts, match);
        const { diagnosis } = explanation;
        process.stdout.write(
          formatOf(options) === 'json'
            ? `${JSON.stringify({ ...explanation, diagnosis: flattenDiagnosis(diagnosis, options.lang) })}\n`
            : printExplanation(explanation, options.lang),
        );
        return true;
      }),
  );
}
