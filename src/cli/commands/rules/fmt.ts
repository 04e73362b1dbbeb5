import type { Command } from 'commander';
import { checkFolders } from '../../../diagnosis/rule-files/index.ts';
import { formatFindings, formatFolder } from './format-files.ts';
import { counted, isClean, printFindings, shownPath } from './print-findings.ts';
import { ruleTargets } from './rule-targets.ts';
import {
  addFormatOptions,
  FINDING_FORMATS,
  type FormatOptions,
  formatOf,
  runCheck,
} from './rules-command.ts';
import { writeWhole } from './write-file.ts';

interface FmtCommandOptions extends FormatOptions {
  check?: boolean;
}

/** Adds `breakwatch rules fmt [PATH…]`, which formats rules, patches and shared conditions. */
export function addFmt(rules: Command): void {
  const command = rules
    .command('fmt')
    .description('Format rules, patches and shared conditions: keys in a fixed order, two spaces.')
    .argument('[path...]', 'rules folders, files or patterns (default: the active rules)')
    .option('--check', 'write nothing; list files that are not formatted');
  addFormatOptions(command, FINDING_FORMATS).action((named: string[], options: FmtCommandOptions) =>
    runCheck(async () => {
      const { own, includes, select, isNamed } = ruleTargets(named);
      const formatted = (await Promise.all(own.map(formatFolder)))
        .flat()
        .filter(({ path }) => includes(path));
      const others = formatted.filter(({ text }) => text !== undefined);
      const findings = select(await checkFolders(own, isNamed));
      if (options.check) {
        findings.push(...formatFindings(formatted));
      } else {
        findings.push(...formatted.flatMap(({ finding }) => finding ?? []));
        for (const { path, text } of others) {
          await writeWhole(path, text as string);
        }
      }
      const done = options.check ? 'not formatted' : 'changed';
      printFindings(
        findings,
        formatOf(options),
        `${counted(formatted.length, 'file')}: ${others.length} ${done}`,
        { files: formatted.length, changed: others.map(({ path }) => shownPath(path)) },
      );
      return isClean(findings);
    }),
  );
}
