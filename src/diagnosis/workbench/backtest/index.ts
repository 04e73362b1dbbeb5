/**
 * The entry to back-tests: diagnoses stored events again with other rules.
 *
 * @module
 */
export { type BacktestReport, exceededLimits, type MovedBreaks } from './backtest-report.ts';
export { type ComparedRules, runBacktest } from './run-backtest.ts';
