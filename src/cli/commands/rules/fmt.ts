import type { Command } from 'commander';
import {
  checkRuleText,
  type Finding,
  findRuleFiles,
  parseJson,
  readRuleTexts,
} from '../../../diagnosis/rule-files/index.ts';
import { formatRule } from '../../../diagnosis/workbench/index.ts';
import { addFormatOptions, type FormatOptions, formatOf } from './format-option.ts';
import { counted, isClean, printFindings, shownPath } from './print-findings.ts';
import { ruleFolders } from './rule-folders.ts';
import { runCheck } from './run-check.ts';
import { writeWhole } from './write-file.ts';

interface FmtCommandOptions extends FormatOptions {
  check?: boolean;
}

interface Laid {
  path: string;
  /** What the file should be; undefined when it is so already. */
  text?: string;
  finding?: Finding;
}

function layOut(path: string, file: string, text: string): Laid | undefined {
  const checked = checkRuleText(text, file);
  if (checked.kind === 'other') {
    return undefined;
  }
  const mistake = checked.kind === 'mistakes' ? checked.mistakes[0] : undefined;
  if (mistake?.check === 'syntax') {
    const { check, line, column, message } = mistake;
    return { path, finding: { level: 'error', check, file: path, line, column, message } };
  }
  // Other mistakes are for lint; they do not keep a file from being laid out.
  const wanted = formatRule(parseJson(text.replace(/^\ufeff/, '')).value);
  return wanted === text ? { path } : { path, text: wanted };
}

async function layOutFolder(folder: string): Promise<Laid[]> {
  const files = await findRuleFiles(folder);
  const texts = await readRuleTexts(files.map(({ path }) => path));
  return files.flatMap(({ path, file }, index): Laid | Laid[] => {
    const source = texts[index];
    if (source && 'text' in source) {
      return layOut(path, file, source.text) ?? [];
    }
    const message = `cannot read the file: ${source?.unreadable}`;
    return [
      { path, finding: { level: 'error', check: 'file', file: path, line: 1, column: 1, message } },
    ];
  });
}

/** Adds `breakwatch rules fmt [DIR…]`. */
export function addFmt(rules: Command): void {
  const command = rules
    .command('fmt')
    .description('Format rule files: keys in a fixed order, two spaces.')
    .argument('[dir...]', 'rules folders (default: the active rules)')
    .option('--check', 'write nothing; list files that are not formatted');
  addFormatOptions(command, ['text', 'json', 'github']).action(
    (named: string[], options: FmtCommandOptions) =>
      runCheck(async () => {
        const laid = (await Promise.all(ruleFolders(named).own.map(layOutFolder))).flat();
        const findings = laid.flatMap(({ finding }) => finding ?? []);
        const others = laid.filter(({ text }) => text !== undefined);
        if (options.check) {
          findings.push(
            ...others.map(
              ({ path }): Finding => ({
                level: 'error',
                check: 'layout',
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
        const done = options.check ? 'to lay out' : 'laid out';
        printFindings(
          findings,
          formatOf(options),
          `${counted(laid.length, 'rule')}: ${others.length} ${done}`,
          { files: laid.length, changed: others.map(({ path }) => shownPath(path)) },
        );
        return isClean(findings);
      }),
  );
}
