import type { Command } from 'commander';
import {
  checkRuleText,
  type Finding,
  findRuleFiles,
  parseJson,
  readRuleTexts,
} from '../../../diagnosis/rule-files/index.ts';
import { formatRule } from '../../../diagnosis/workbench/index.ts';
import { counted, isClean, printFindings, shownPath } from './print-findings.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';
import { writeWhole } from './write-file.ts';

interface FmtCommandOptions extends FormatOptions {
  check?: boolean;
}

/** A formatted rule file. */
interface Formatted {
  path: string;
  /** The formatted text; undefined when the file is formatted already. */
  text?: string;
  finding?: Finding;
}

function formatFile(path: string, file: string, text: string): Formatted | undefined {
  const checked = checkRuleText(text, file);
  if (checked.kind === 'other') {
    return undefined;
  }
  const mistake = checked.kind === 'mistakes' ? checked.mistakes[0] : undefined;
  if (mistake?.check === 'syntax') {
    const { check, line, column, message } = mistake;
    return { path, finding: { level: 'error', check, file: path, line, column, message } };
  }
  // Files with other mistakes can be formatted. Lint reports the mistakes.
  const wanted = formatRule(parseJson(text.replace(/^\ufeff/, '')).value);
  return wanted === text ? { path } : { path, text: wanted };
}

async function formatFolder(folder: string): Promise<Formatted[]> {
  const files = await findRuleFiles(folder);
  const texts = await readRuleTexts(files.map(({ path }) => path));
  return files.flatMap(({ path, file }, index): Formatted | Formatted[] => {
    const source = texts[index];
    if (source && 'text' in source) {
      return formatFile(path, file, source.text) ?? [];
    }
    const message = `cannot read the file: ${source?.unreadable}`;
    return [
      { path, finding: { level: 'error', check: 'file', file: path, line: 1, column: 1, message } },
    ];
  });
}

/** Adds `breakwatch rules fmt [DIR…]`, which formats rule files. */
export function addFmt(rules: Command): void {
  const command = rules
    .command('fmt')
    .description('Format rule files: keys in a fixed order, two spaces.')
    .argument('[dir...]', 'rules folders (default: the active rules)')
    .option('--check', 'write nothing; list files that are not formatted');
  addFormatOptions(command, ['text', 'json', 'github']).action(
    (named: string[], options: FmtCommandOptions) =>
      runCheck(async () => {
        const formatted = (await Promise.all(ruleFolders(named).own.map(formatFolder))).flat();
        const findings = formatted.flatMap(({ finding }) => finding ?? []);
        const others = formatted.filter(({ text }) => text !== undefined);
        if (options.check) {
          findings.push(
            ...others.map(
              ({ path }): Finding => ({
                level: 'error',
                check: 'format',
                file: path,
                line: 1,
                column: 1,
                message: 'not formatted; run breakwatch rules fmt',
              }),
            ),
          );
        } else {
          for (const { path, text } of others) {
            await writeWhole(path, text as string);
          }
        }
        const done = options.check ? 'not formatted' : 'changed';
        printFindings(
          findings,
          formatOf(options),
          `${counted(formatted.length, 'rule')}: ${others.length} ${done}`,
          { files: formatted.length, changed: others.map(({ path }) => shownPath(path)) },
        );
        return isClean(findings);
      }),
  );
}
