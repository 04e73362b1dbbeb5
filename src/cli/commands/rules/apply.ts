import type { Command } from 'commander';
import { maskedError } from '../../../secrets/masked-error.ts';
import { readConfig } from '../../config/read-config.ts';
import { parseDuration, parseMoment } from '../../input/options.ts';
import { confirm } from '../../output/confirm.ts';
import { showProgress } from '../../output/show-progress.ts';
import { runCheck } from './rules-command.ts';

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
    : 'this changes stored diagnoses; without a terminal, confirm with --yes.';
}

async function apply(options: ApplyOptions): Promise<boolean> {
  const range = rangeOf(options, Date.now());
  // Loaded here, so that other commands do not load an engine that they never start.
  const { openRecords } = await import('../../input/open-records.ts');
  const records = await openRecords(await readConfig(process.env), options.url);
  const progress = showProgress();
  try {
    if (!options.yes) {
      const span = `${new Date(range.from).toISOString()} to ${new Date(range.to).toISOString()}`;
      const question = `Diagnose the breaks from ${span} in ${records.where} again? [y/N] `;
      if (!(await confirm(question))) {
        process.stderr.write('Nothing was changed.\n');
        return false;
      }
    }
    let [read, changed, total, ruleSet] = [0, 0, 0, ''];
    for await (const batch of records.applyRules(range)) {
      read += batch.read;
      changed += batch.changed;
      total = batch.total ?? total;
      ruleSet = batch.ruleSet;
      // More breaks may have arrived since they were counted.
      const part = total > 0 ? Math.min(1, read / total) : null;
      progress.update(part, `${read} of ${Math.max(read, total)} breaks, ${changed} changed`);
    }
    progress.clear();
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...range, read, changed, ruleSet })}\n`
        : `${read} breaks diagnosed with the active rules (${ruleSet}), ${changed} changed.\nThe earlier diagnoses are kept.\n`,
    );
    return true;
  } finally {
    progress.clear();
    await records.close();
  }
}

/** Adds `breakwatch rules apply`, which diagnoses stored breaks again. */
export function addApply(rules: Command): void {
  const command = rules
    .command('apply')
    .description(
      'Diagnose stored breaks again with the active rules and the stored facts. Series and tables change too. Sent notices and resolved incidents do not. Run "rules backtest" first to see what would change. You can stop the command at any time and run it again.',
    )
    .option('--since <length>', 'how far back, for example 24h or 30d', parseDuration)
    .option(
      '--from <time>',
      'start of the range, ISO 8601 or epoch ms, instead of --since',
      parseMoment,
    )
    .option('--to <time>', 'end of the range, exclusive (default: now)', parseMoment)
    .option('--url <url>', 'server to ask (default: the data folder, or the server that uses it)')
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print the counts as JSON')
    .action((options: ApplyOptions) => {
      const wrong = mistakeIn(options);
      if (wrong) {
        command.error(`error: ${wrong}`, { exitCode: 2 });
      }
      return runCheck(() => apply(options));
    });
}
