import type { Accuracy, AccuracyReport } from '../../queries/measure-accuracy.ts';

const NAME_WIDTH = 40;

/** Formats an accuracy report for a terminal. Rules without feedback are only counted. */
export function printAccuracy({ all, rules, confidences, truncated }: AccuracyReport): string {
  const rated = rules.filter(({ right, wrong }) => right + wrong > 0);
  const unratedRules = rules.length - rated.length;
  const lines = [
    row('', ['right', 'wrong', 'none', 'share', '95 % interval']),
    row('all', cells(all)),
    '',
    ...confidences.map((one) => row(one.confidence, cells(one))),
    '',
    ...rated.map((one) => row(one.rule, cells(one))),
    ...(unratedRules > 0 ? [`${unratedRules} more rules diagnosed breaks without feedback.`] : []),
    ...(truncated ? ['Only the newest feedback was counted, because there is too much.'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function cells({ right, wrong, unrated, share, interval }: Accuracy): string[] {
  return [
    String(right),
    String(wrong),
    unrated === null ? '-' : String(unrated),
    share === null ? '-' : percent(share),
    interval === null ? '-' : `${percent(interval.low)} - ${percent(interval.high)}`,
  ];
}

function row(name: string, values: readonly string[]): string {
  const widths = [7, 7, 9, 9, 18];
  const columns = values.map((value, index) => value.padStart(widths[index] ?? 0));
  return `${name.padEnd(NAME_WIDTH)}${columns.join('')}`.trimEnd();
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
