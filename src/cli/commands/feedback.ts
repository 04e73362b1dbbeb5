import { userInfo } from 'node:os';
import { Argument, type Command, Option } from 'commander';
import { FEEDBACK_VERDICTS, type Feedback, type FeedbackVerdict } from '../../model/incident.ts';
import type { Accuracy, AccuracyReport } from '../../queries/measure-accuracy.ts';
import { openServer } from '../input/open-server.ts';
import { parseDuration } from '../input/options.ts';

/** Adds `breakwatch feedback` and `breakwatch accuracy`, which ask the running server. */
export function addFeedback(program: Command): void {
  program
    .command('feedback')
    .description(
      'Say whether the cause of a break or an incident (inc-…) was right. The latest feedback counts.',
    )
    .argument('<id>', 'id of a break or an incident')
    .addArgument(
      new Argument('<verdict>', 'whether the cause was right').choices(FEEDBACK_VERDICTS),
    )
    .option('--note <text>', 'the real cause, or how you know')
    .option('--by <name>', 'your name (default: the user of this machine)')
    .option('--json', 'print JSON')
    .option('--url <url>', 'server to ask (default: the configured one)')
    .action(
      async (
        id: string,
        verdict: FeedbackVerdict,
        options: { note?: string; by?: string; json?: boolean; url?: string },
      ) => {
        const kind = id.startsWith('inc-') ? 'incidents' : 'breaks';
        const given = await (await openServer(options.url)).ask(
          `api/v1/${kind}/${encodeURIComponent(id)}/feedback`,
          (body) => body as Feedback,
          {
            method: 'POST',
            body: JSON.stringify({
              verdict,
              by: options.by ?? userInfo().username,
              ...(options.note === undefined ? {} : { note: options.note }),
            }),
          },
        );
        const { rule, confidence } = given.diagnosis;
        process.stdout.write(
          options.json
            ? `${JSON.stringify(given)}\n`
            : `Saved: ${rule.id} (${confidence}) was ${given.verdict} for ${given.id}.\n`,
        );
      },
    );

  program
    .command('accuracy')
    .description('Show how often causes were right according to feedback, by rule and confidence.')
    .addOption(
      new Option('--since <duration>', 'how far back to count feedback')
        .argParser(parseDuration)
        .default(30 * 86_400_000, '30d'),
    )
    .option('--json', 'print JSON')
    .option('--url <url>', 'server to ask (default: the configured one)')
    .action(async (options: { since: number; json?: boolean; url?: string }) => {
      const report = await (await openServer(options.url)).ask(
        `api/v1/accuracy?from=${Date.now() - options.since}`,
        checkReport,
      );
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : printAccuracy(report));
    });
}

function checkReport(body: unknown): AccuracyReport {
  const report = body as Partial<AccuracyReport> | null;
  if (!report?.all || !Array.isArray(report.rules) || !Array.isArray(report.confidences)) {
    throw new Error('it is not an accuracy report');
  }
  return report as AccuracyReport;
}

const NAME_WIDTH = 40;

/** Formats an accuracy report for a terminal. Rules without feedback are only counted. */
function printAccuracy({ all, rules, confidences, truncated }: AccuracyReport): string {
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
