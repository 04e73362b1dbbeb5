import type { Command } from 'commander';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { shadowFindings } from '../../../diagnosis/workbench/index.ts';
import { counted, countLevels, isClean, printFindings } from './print-findings.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';

/** Adds `breakwatch rules shadow [DIR…]`, which finds rules that can never win. */
export function addShadow(rules: Command): void {
  const command = rules
    .command('shadow')
    .description('Find rules that can never match or never win, and events on which two rules tie.')
    .argument('[dir...]', 'rules folders, on top of the shipped rules (default: the active rules)')
    .option('--strict', 'fail on warnings too');
  addFormatOptions(command, ['text', 'json', 'github']).action(
    (named: string[], options: FormatOptions & { strict?: boolean }) =>
      runCheck(async () => {
        const { own, below } = ruleFolders(named);
        const pack = await loadPack(own, below);
        const { findings, shadows } = await shadowFindings(pack);
        printFindings(
          findings,
          formatOf(options),
          `${counted(pack.ruleSet.rules.length, 'rule')}: ${countLevels(findings)}`,
          {
            shadows: shadows.map(({ rule, by, ...rest }) => {
              return { ...rest, rule: rule.id, by: by.map(({ id }) => id) };
            }),
          },
        );
        return isClean(findings, options.strict);
      }),
  );
}
