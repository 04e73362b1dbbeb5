/**
 * The entry to back-tests: diagnoses stored events again with other rules.
 *
 * @module
 */
export { type BacktestReport, exceededLimits, type MovedBreaks } from './backtest-report.ts';
export {
  type ComparedRules,
  type PastBreak,
  runBacktest,
  runBlockBacktest,
} from './run-backtest.ts';
