import type { BacktestReport } from '../../src/diagnosis/workbench/backtest/backtest-report.ts';
import { type CommandUsage, measureCommand } from './measure-command.ts';

/** Result of one run of the command. */
export interface CommandRun extends Omit<CommandUsage, 'output'> {
  report: BacktestReport;
}

/** Runs `breakwatch rules backtest` as a user does. Its progress goes to stderr. @throws when it fails */
export async function runCommand(data: string, rules: string): Promise<CommandRun> {
  const { output, ...usage } = await measureCommand(
    ['rules', 'backtest', '--data', data, '--rules', rules, '--json'],
    rules,
  );
  return { ...usage, report: JSON.parse(output) as BacktestReport };
}
