import type { BacktestReport, MovedBreaks } from '../../../diagnosis/workbench/backtest/index.ts';
import { showInvisible } from '../../../model/card/segments.ts';
import type { Facts } from '../../../model/facts.ts';
import { wrapText } from '../../output/wrap-text.ts';
import { counted, escapeMarkdown } from './print-findings.ts';

/** Maximum number of pairs of rules to show. JSON contains all. */
const SHOWN = 50;
/** Facts of an example to show, the most important first. */
const SHOWN_FACTS = ['code', 'bypassCode', 'reason', 'previousReason', 'secondsLive'];

function day(time: number | null): string {
  return time === null ? '' : new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

function factWords(facts: Facts): string {
  return SHOWN_FACTS.filter((name) => Object.hasOwn(facts, name))
    .map((name) => `${name}=${facts[name]}`)
    .join(' ');
}

function summaryLines(report: BacktestReport, exceeded: readonly string[]): string[] {
  const { events, from, to, moved, movedPercent, reworded, newlyUnknown, newlyKnown } = report;
  const { notRecorded } = report;
  return [
    events === 0
      ? 'No breaks in this range.'
      : `${counted(events, 'break')}, ${day(from)} to ${day(to)} UTC`,
    `${moved} get another rule (${movedPercent.toFixed(2)} %), ${reworded} get a changed version of the same rule`,
    `${newlyUnknown} become unknown, ${newlyKnown} become known`,
    ...(notRecorded.length > 0 && events > 0
      ? [`Facts that the rules read, but no break has: ${notRecorded.join(', ')}`]
      : []),
    ...exceeded.map((words) => `Limit exceeded: ${words}`),
  ];
}

function rowOf({ from, to, count, samples }: MovedBreaks) {
  const examples = samples.map(({ endedAt, stream, facts }) => {
    return showInvisible(`${day(endedAt)} ${stream} ${factWords(facts)}`);
  });
  return { from, to, count, examples };
}

function more({ movements }: BacktestReport): string[] {
  return movements.length > SHOWN
    ? [`… and ${movements.length - SHOWN} more pairs (--json has all)`]
    : [];
}

/** Formats a back-test for a terminal. */
export function backtestText(report: BacktestReport, exceeded: readonly string[]): string {
  const rows = report.movements.slice(0, SHOWN).map(rowOf);
  const width = Math.max(...rows.map(({ count }) => String(count).length), 1);
  const indent = ' '.repeat(width + 2);
  const lines = [
    ...summaryLines(report, exceeded).flatMap((line) => wrapText(line, '', '  ')),
    ...rows.flatMap(({ from, to, count, examples }) => [
      '',
      `${String(count).padStart(width)}  ${from} → ${to}`,
      ...examples.flatMap((example) => wrapText(example, indent, `${indent}  `)),
    ]),
    ...more(report),
  ];
  return `${lines.join('\n')}\n`;
}

/** Formats a back-test as Markdown for a pull request. */
export function backtestMarkdown(report: BacktestReport, exceeded: readonly string[]): string {
  const rows = report.movements.slice(0, SHOWN).map(rowOf);
  const table = rows.map(
    ({ from, to, count, examples }) =>
      `| \`${from}\` | \`${to}\` | ${count} | ${examples.map(escapeMarkdown).join('<br>')} |`,
  );
  const changed = report.rules.filter(({ before, after }) => before !== after);
  const lines = [
    '### Back-test',
    '',
    ...summaryLines(report, exceeded).map((line) => `- ${escapeMarkdown(line)}`),
    ...(table.length > 0
      ? ['', '| before | after | breaks | examples |', '|---|---|---:|---|', ...table]
      : []),
    ...more(report),
    ...(changed.length > 0
      ? [
          '',
          '| rule | before | after |',
          '|---|---:|---:|',
          ...changed.map(({ rule, before, after }) => `| \`${rule}\` | ${before} | ${after} |`),
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Starts to measure the speed of a long count.
 *
 * @returns a function that describes count, speed and remaining time (`412,000 breaks, 310,000/s, 3 s left`),
 *   from the count and the progress from 0 to 1
 */
export function startSpeed(): (done: number, part: number) => string {
  const started = performance.now();
  const format = (number: number) => Math.round(number).toLocaleString('en');
  return (done, part) => {
    const seconds = (performance.now() - started) / 1_000;
    const text = `${format(done)} breaks, ${format(done / Math.max(seconds, 0.001))}/s`;
    if (part <= 0) {
      return text;
    }
    const left = (seconds / part) * (1 - part);
    return `${text}, ${left < 120 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`;
  };
}
