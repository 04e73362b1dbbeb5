import type { Command } from 'commander';
import { checkFolders, type Finding, loadPack } from '../../../diagnosis/rule-files/index.ts';
import { lintRules, shadowFindings, testRules } from '../../../diagnosis/workbench/index.ts';
import { formatFindings, formatFolder } from './format-files.ts';
import { addLintOptions, type LintCommandOptions } from './lint.ts';
import { counted, countLevels, isClean, printFindings } from './print-findings.ts';
import { ruleTargets } from './rule-targets.ts';
import { formatOf, runCheck } from './rules-command.ts';

/** Lint reports what keeps a file from being loaded with more details. */
function withoutLoad(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ check }) => check !== 'load');
}

/** Adds `breakwatch rules check [PATH…]`: lint, tests, shadow and format in one. */
export function addCheck(rules: Command): void {
  const command = rules
    .command('check')
    .description('Run lint, test, shadow and fmt --check at once, with one exit code.');
  addLintOptions(command).action((named: string[], options: LintCommandOptions) =>
    runCheck(async () => {
      const { own, below, select, includes, isNamed } = ruleTargets(named);
      const { languages } = options;
      const today = new Date().toISOString().slice(0, 10);
      const pack = await loadPack(own, below);
      const linted = await lintRules(own, { today, languages, below, pack });
      const tested = await testRules(pack);
      const { findings: shadows } = await shadowFindings(pack);
      const formatted = (await Promise.all(own.map(formatFolder))).flat();
      const findings = select([
        ...(await checkFolders(own, isNamed)),
        ...linted.findings,
        ...withoutLoad(tested.findings),
        ...withoutLoad(shadows),
        // Lint reports what cannot be read or is not JSON.
        ...formatFindings(formatted.filter(({ finding }) => !finding)),
      ]);
      const files = linted.paths.filter(includes).length;
      printFindings(
        findings,
        formatOf(options),
        `${counted(files, 'rule')}, ${counted(tested.tests, 'test')}: ${countLevels(findings)}`,
        { files, tests: tested.tests },
      );
      return isClean(findings, options.strict);
    }),
  );
}
