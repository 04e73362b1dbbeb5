import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RuleSet } from '../../../diagnosis/rule.ts';
import { loadPack, problemsAsFindings } from '../../../diagnosis/rule-files/index.ts';
import { exceededLimits } from '../../../diagnosis/workbench/backtest/index.ts';
import { readConfig } from '../../config/read-config.ts';
import { parseMoment } from '../../input/options.ts';
import { showProgress } from '../../output/show-progress.ts';
import { untilStopped } from '../../server/until-stopped.ts';
import { backtestMarkdown, backtestText, startSpeed } from './print-backtest.ts';
import { printFindings } from './print-findings.ts';
import { rulesAtRevision } from './rules-at-revision.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';

interface BacktestCommandOptions extends FormatOptions {
  rules: string[];
  git?: string;
  from?: number;
  to?: number;
  data?: string;
  events?: string;
  url?: string;
  maxMovedPercent?: number;
  maxUnknown?: number;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (text.trim() === '' || !Number.isFinite(limit) || limit < 0) {
    throw new InvalidArgumentError('give a number of at least 0.');
  }
  return limit;
}

/** The old rules; null for the stored verdicts. */
async function rulesBefore(options: BacktestCommandOptions): Promise<RuleSet | null> {
  if (options.git !== undefined) {
    const { own, below } = ruleFolders(options.rules);
    const past = await rulesAtRevision([...below, ...own], options.git);
    try {
      return (await loadPack(past.folders)).ruleSet;
    } finally {
      await past.remove();
    }
  }
  return options.rules.length > 0 ? (await loadPack(ruleFolders([]).own)).ruleSet : null;
}

async function backtest(options: BacktestCommandOptions, signal: AbortSignal): Promise<boolean> {
  const { own, below } = ruleFolders(options.rules);
  const { ruleSet, problems } = await loadPack(own, below);
  if (problems.length > 0) {
    const summary = 'the rules could not be loaded, so no break was judged';
    printFindings(problemsAsFindings(problems), formatOf(options), summary);
    return false;
  }
  const before = await rulesBefore(options);
  const config = await readConfig(process.env);
  const dataFolder = options.data ? resolve(options.data) : config.dataFolder;
  // Loaded here, so that other commands do not load a store that they never open.
  const { openHistory } = await import('./read-history.ts');
  // A named folder is meant, even where a database is configured.
  const database = options.data ? undefined : config.database;
  const { openEventsFile } = await import('./read-events.ts');
  const history = await (options.events === undefined
    ? openHistory({ ...config, dataFolder, database }, options.url)
    : openEventsFile(options.events, config));
  const progress = showProgress();
  try {
    if (history.server !== null && options.url === undefined) {
      process.stderr.write(`Reading the breaks from ${history.server}, not from ${dataFolder}.\n`);
    }
    const describeSpeed = startSpeed();
    const report = await history.backtest({
      before,
      after: ruleSet,
      range: { from: options.from ?? 0, to: options.to ?? Date.now() + 1 },
      signal,
      onProgress: (events, part, prepared) =>
        progress.update(
          part,
          `${describeSpeed(events, part)}${prepared > 0 ? `, ${prepared} blocks built first` : ''}`,
        ),
    });
    progress.clear();
    const exceeded = exceededLimits(report, options);
    const format = formatOf(options);
    if (format === 'json') {
      process.stdout.write(`${JSON.stringify({ ...report, exceeded })}\n`);
    } else if (format === 'markdown') {
      process.stdout.write(backtestMarkdown(report, exceeded));
    } else {
      process.stdout.write(backtestText(report, exceeded));
      if (format === 'github') {
        for (const words of exceeded) {
          process.stdout.write(
            `::error title=breakwatch backtest::${words.replaceAll('%', '%25')}\n`,
          );
        }
      }
    }
    return exceeded.length === 0;
  } finally {
    progress.clear();
    await history.close();
  }
}

/** Runs the back-test until it ends or the user presses Ctrl-C. It changes nothing, so it can stop at any time. */
async function backtestUntilStopped(options: BacktestCommandOptions): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  let stopped = false;
  await runCheck(async () => {
    try {
      return await backtest(options, stop.signal);
    } catch (thrown) {
      stopped = stop.signal.aborted && thrown === stop.signal.reason;
      if (stopped) {
        process.stderr.write('Stopped before the end, so there is no result.\n');
        return false;
      }
      throw thrown;
    }
  });
  if (stopped) {
    process.exitCode = 130;
  }
}

/** Adds `breakwatch rules backtest`. */
export function addBacktest(rules: Command): void {
  const command = rules
    .command('backtest')
    .description(
      'Diagnose stored breaks with new rules and list those that would get another rule. Compares with the stored diagnoses, the active rules (--rules) or the rules of a commit (--git).',
    )
    .addOption(
      new Option(
        '--rules <dir...>',
        'folders with the new rules, on top of the shipped rules',
      ).default([], 'the active rules'),
    )
    .option('--git <revision>', 'the old rules: the same folders at this commit')
    .option(
      '--from <time>',
      'start of the range, ISO 8601 or epoch ms (default: the first break)',
      parseMoment,
    )
    .option('--to <time>', 'end of the range, exclusive (default: now)', parseMoment)
    .option('--data <folder>', 'data folder (default: BREAKWATCH_DATA)')
    .addOption(
      new Option(
        '--events <file>',
        'read the breaks from an export, or another file that `import` reads, instead of a data folder',
      ).conflicts(['data', 'url']),
    )
    .option('--url <url>', 'server to ask (default: the data folder, or the server that uses it)')
    .option(
      '--max-moved-percent <number>',
      'fail if more than this share of breaks gets another rule',
      readLimit,
    )
    .option(
      '--max-unknown <number>',
      'fail if more than this number of breaks becomes unknown',
      readLimit,
    );
  addFormatOptions(command, ['text', 'markdown', 'json', 'github']).action(backtestUntilStopped);
}
