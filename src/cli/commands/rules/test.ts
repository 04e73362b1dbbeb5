import type { Command } from 'commander';
import { checkFolders, loadPack } from '../../../diagnosis/rule-files/index.ts';
import {
  type Coverage,
  type Covered,
  measureCoverage,
  testRules,
} from '../../../diagnosis/workbench/index.ts';
import { counted, isClean, printFindings } from './print-findings.ts';
import { ruleTargets } from './rule-targets.ts';
import {
  addFormatOptions,
  FINDING_FORMATS,
  type FormatOptions,
  formatOf,
  runCheck,
} from './rules-command.ts';

interface TestCommandOptions extends FormatOptions {
  coverage?: boolean;
}

function line(what: string, { total, missing }: Covered, lack: string): string[] {
  const share = total === 0 ? 100 : Math.floor(((total - missing.length) / total) * 100);
  return [
    `${what.padEnd(8)}${String(total - missing.length).padStart(5)} of ${String(total).padStart(4)}  ${share} %`,
    ...missing.map((name) => `  ${lack}: ${name}`),
  ];
}

function coverageLines({ reasons, codes, texts, rules, baseOnly }: Coverage): string[] {
  return [
    ...line('reasons', reasons, 'no rule'),
    ...line('codes', codes, 'no rule'),
    ...line('texts', texts, 'no rule'),
    ...line('rules', rules, 'no test makes it win'),
    `reasons with only a base rule: ${baseOnly.length}`,
    ...baseOnly.map((id) => `  ${id}`),
  ];
}

function isCovered({ reasons, codes, texts, rules }: Coverage): boolean {
  return [reasons, codes, texts, rules].every(({ missing }) => missing.length === 0);
}

/** Adds `breakwatch rules test [PATH…]`, which runs the tests inside rules. */
export function addTest(rules: Command): void {
  const command = rules
    .command('test')
    .description(
      'Run the tests inside the rules, with all rules competing, and compare with json-rules-engine.',
    )
    .argument(
      '[path...]',
      'rules folders, files or patterns, on top of the shipped rules (default: the active rules)',
    )
    .option(
      '--coverage',
      'list reasons, codes and texts without a rule, and rules without a test that they win; fail on any',
    );
  addFormatOptions(command, FINDING_FORMATS).action(
    (named: string[], options: TestCommandOptions) =>
      runCheck(async () => {
        const { own, below, select, isNamed } = ruleTargets(named);
        const pack = await loadPack(own, below);
        const { findings: all, tests, failed, differences, outcomes } = await testRules(pack);
        const findings = [...select(await checkFolders(own, isNamed)), ...select(all)];
        const coverage = options.coverage
          ? await measureCoverage(pack.ruleSet, outcomes, pack.isOwn)
          : undefined;
        const summary = [
          `${counted(tests, 'test')} of ${counted(pack.ruleSet.rules.length, 'rule')}: ${failed} failed, ${differences} with a different result on json-rules-engine`,
          ...(coverage ? coverageLines(coverage) : []),
        ].join('\n');
        printFindings(findings, formatOf(options), summary, {
          tests,
          failed,
          differences,
          coverage,
        });
        return isClean(findings) && (coverage === undefined || isCovered(coverage));
      }),
  );
}
