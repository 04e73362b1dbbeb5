import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { maskedError } from '../../../secrets/masked-error.ts';
import { readConfig } from '../../config/read-config.ts';
import { parseDuration, parseMoment } from '../../input/parse-times.ts';
import { showProgress } from '../../output/show-progress.ts';
import { runCheck } from './run-check.ts';

interface ApplyOptions {
  since?: number;
  from?: number;
  to?: number;
  url?: string;
  yes?: boolean;
  json?: boolean;
}

/** @throws `BAD_TIME_RANGE` */
function rangeOf({ since, from, to }: ApplyOptions, now: number) {
  const range = { from: from ?? now - (since ?? 0), to: to ?? now + 1 };
  if (range.from >= range.to) {
    throw maskedError('BAD_TIME_RANGE', { problem: '--to must be after --from.' });
  }
  return range;
}

function mistakeIn({ since, from, yes }: ApplyOptions): string | undefined {
  if ((since === undefined) === (from === undefined)) {
    return 'give either --since or --from.';
  }
  return yes || process.stdin.isTTY
    ? undefined
    : 'this rewrites stored verdicts; where nobody can be asked, give --yes.';
}

async function isAgreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

async function apply(options: ApplyOptions): Promise<boolean> {
  const range = rangeOf(options, Date.now());
  // Loaded here, so that short commands need not read an engine they never start.
  const { openRecords } = await import('../../input/open-records.ts');
  const records = await openRecords(readConfig(process.env), options.url);
  const progress = showProgress();
  try {
    if (!options.yes) {
      const span = `${new Date(range.from).toISOString()} to ${new Date(range.to).toISOString()}`;
      const question = `Judge the breaks from ${span} in ${records.where} anew? [y/N] `;
      if (!(await isAgreed(question))) {
        process.stderr.write('Nothing was changed.\n');
        return false;
      }
    }
    let [read, changed, total, ruleSet] = [0, 0, 0, ''];
    for await (const piece of records.applyRules(range)) {
      read += piece.read;
      changed += piece.changed;
      total = piece.total ?? total;
      ruleSet = piece.ruleSet;
      // More may have arrived since they were counted.
      const part = total > 0 ? Math.min(1, read / total) : null;
      progress.update(part, `${read} of ${Math.max(read, total)} breaks, ${changed} changed`);
    }
    progress.clear();
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...range, read, changed, ruleSet })}\n`
        : `${read} breaks judged by the rules in force (${ruleSet}), ${changed} changed;\nwhat was said of those before is kept.\n`,
    );
    return true;
  } finally {
    progress.clear();
    await records.close();
  }
}

/** Adds `breakwatch rules apply`. */
export function addApply(rules: Command): void {
  const command = rules
    .command('apply')
    .description(
      'Judge stored breaks anew by the rules in force, each from the facts kept with it. Series and tables follow; pages that were sent and incidents that are over stay as they were. See what would change with "rules backtest" first. Stopping it half way does no harm; running it again goes on.',
    )
    .option('--since <length>', 'how far back, e.g. 24h or 30d', parseDuration)
    .option('--from <time>', 'ISO 8601 or epoch ms, instead of --since', parseMoment)
    .option('--to <time>', 'exclusive (default: now)', parseMoment)
    .option('--url <url>', 'ask this server (default: the data folder, or the server that owns it)')
    .option('--yes', 'do not ask')
    .option('--json', 'print the counts as JSON')
    .action((options: ApplyOptions) => {
      const wrong = mistakeIn(options);
      if (wrong) {
        command.error(`error: ${wrong}`, { exitCode: 2 });
      }
      return runCheck(() => apply(options));
    });
}
