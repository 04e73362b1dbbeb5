import { type Command, InvalidArgumentError } from 'commander';
import { lintRules } from '../../../diagnosis/workbench/index.ts';
import { isOneOf, LANGUAGES, type Language } from '../../../model/vocabulary.ts';
import { counted, countLevels, isClean, printFindings } from './print-findings.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';

interface LintCommandOptions extends FormatOptions {
  languages: Language[];
  strict?: boolean;
}

function readLanguages(text: string): Language[] {
  return text.split(',').map((part) => {
    const language = part.trim();
    if (!isOneOf(LANGUAGES, language)) {
      throw new InvalidArgumentError(`choose from ${LANGUAGES.join(', ')}.`);
    }
    return language;
  });
}

/** Adds `breakwatch rules lint [DIR…]`, which checks rule files. */
export function addLint(rules: Command): void {
  const command = rules
    .command('lint')
    .description(
      'Check rule files: JSON and schema as VS Code does, then facts, texts, tests and runbooks.',
    )
    .argument('[dir...]', 'rules folders (default: the active rules)')
    .option('--languages <list>', 'languages that every text must have', readLanguages, [
      ...LANGUAGES,
    ])
    .option('--strict', 'fail on warnings too');
  addFormatOptions(command, ['text', 'json', 'github']).action(
    (named: string[], options: LintCommandOptions) =>
      runCheck(async () => {
        const { own, below } = ruleFolders(named);
        const { findings, files } = await lintRules(own, {
          today: new Date().toISOString().slice(0, 10),
          languages: options.languages,
          below,
        });
        const summary = `${counted(files, 'rule')}: ${countLevels(findings)}`;
        printFindings(findings, formatOf(options), summary, { files });
        return isClean(findings, options.strict);
      }),
  );
}
