import type { Command } from 'commander';
import { checkFolders, loadPack } from '../../../diagnosis/rule-files/index.ts';
import { shadowFindings } from '../../../diagnosis/workbench/index.ts';
import { counted, countLevels, isClean, printFindings } from './print-findings.ts';
import { ruleTargets } from './rule-targets.ts';
import {
  addFormatOptions,
  FINDING_FORMATS,
  type FormatOptions,
  formatOf,
  runCheck,
} from './rules-command.ts';

/** Adds `breakwatch rules shadow [PATH…]`, which finds rules that can never win. */
export function addShadow(rules: Command): void {
  const command = rules
    .command('shadow')
    .description('Find rules that can never match or never win, and events on which two rules tie.')
    .argument(
      '[path...]',
      'rules folders, files or patterns, on top of the shipped rules (default: the active rules)',
    )
    .option('--strict', 'fail on warnings too');
  addFormatOptions(command, FINDING_FORMATS).action(
    (named: string[], options: FormatOptions & { strict?: boolean }) =>
      runCheck(async () => {
        const { own, below, select, isNamed } = ruleTargets(named);
        const pack = await loadPack(own, below);
        const { findings: all, shadows } = await shadowFindings(pack);
        const findings = [...select(await checkFolders(own, isNamed)), ...select(all)];
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
