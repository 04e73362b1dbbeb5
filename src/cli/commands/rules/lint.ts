import { type Command, InvalidArgumentError } from 'commander';
import { checkFolders } from '../../../diagnosis/rule-files/index.ts';
import { lintRules } from '../../../diagnosis/workbench/index.ts';
import { isOneOf, LANGUAGES, type Language } from '../../../model/vocabulary.ts';
import { counted, countLevels, isClean, printFindings } from './print-findings.ts';
import { ruleTargets } from './rule-targets.ts';
import {
  addFormatOptions,
  FINDING_FORMATS,
  type FormatOptions,
  formatOf,
  runCheck,
} from './rules-command.ts';

/** Options of `lint` and `check`. */
export interface LintCommandOptions extends FormatOptions {
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

/** Adds the argument and the options of `lint` and `check`. */
export function addLintOptions(command: Command): Command {
  command
    .argument('[path...]', 'rules folders, files or patterns (default: the active rules)')
    .option('--languages <list>', 'languages that every text must have', readLanguages, [
      ...LANGUAGES,
    ])
    .option('--strict', 'fail on warnings too');
  return addFormatOptions(command, FINDING_FORMATS);
}

/** Adds `breakwatch rules lint [PATH…]`, which checks rule files. */
export function addLint(rules: Command): void {
  const command = rules
    .command('lint')
    .description(
      'Check rule files: JSON and schema as VS Code does, then facts, texts, tests and runbooks.',
    );
  addLintOptions(command).action((named: string[], options: LintCommandOptions) =>
    runCheck(async () => {
      const { own, below, select, includes, isNamed } = ruleTargets(named);
      const { findings: all, paths } = await lintRules(own, {
        today: new Date().toISOString().slice(0, 10),
        languages: options.languages,
        below,
      });
      const findings = [...select(await checkFolders(own, isNamed)), ...select(all)];
      const files = paths.filter(includes).length;
      const summary = `${counted(files, 'rule')}: ${countLevels(findings)}`;
      printFindings(findings, formatOf(options), summary, { files });
      return isClean(findings, options.strict);
    }),
  );
}
