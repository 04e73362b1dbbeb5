import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { STREAM_ACTIONS, type StreamAction } from '../../css/api/stream-actions.ts';
import type { Language } from '../../model/vocabulary.ts';
import { readConfig } from '../config/read-config.ts';
import { languageOption, parseDuration, parseMoment, printMoment } from '../input/options.ts';

interface ActionOptions {
  account: string;
  domain: string;
  app: string;
  stream: string;
  resumeAt?: number;
  for?: number;
  reason?: string;
  yes?: boolean;
  lang: Language;
  json?: boolean;
}

const WORDS: Record<StreamAction, string> = {
  drop: 'End a push now. The encoder may push again at once.',
  forbid: 'End a push and refuse new ones, for 7 days or until --resume-at.',
  resume: 'Lift the ban that forbid set.',
};

/** Adds `breakwatch stream drop|forbid|resume|log`. */
export function addStream(program: Command): void {
  const stream = program
    .command('stream')
    .description(
      'Drop, forbid or resume a stream through the CSS API. The account needs actions: true. Without --yes, only shows what would happen.',
    );
  for (const action of STREAM_ACTIONS) {
    addAction(stream, action);
  }
  stream
    .command('log')
    .description('Show who did what, newest first, one JSON object per line.')
    .option('--limit <count>', 'maximum number of lines', parseLimit, 100)
    .action(async ({ limit }: { limit: number }) => {
      const actions = await openActions();
      const entries = await actions.latest(limit).finally(() => actions.close());
      process.stdout.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      if (entries.length === 0) {
        process.stderr.write('The audit log has no actions.\n');
      }
    });
}

function addAction(stream: Command, action: StreamAction): void {
  const command = stream
    .command(action)
    .description(WORDS[action])
    .option('--account <name>', 'account of the stream', 'default')
    .requiredOption('--domain <domain>', 'push domain (required)')
    .option('--app <name>', 'AppName', 'live')
    .requiredOption('--stream <name>', 'StreamName (required)')
    .option('--reason <text>', 'reason, for the audit log (and for CSS with forbid)')
    .option('--yes', 'carry out the action')
    .addOption(languageOption())
    .option('--json', 'print JSON');
  if (action === 'forbid') {
    command
      .option('--resume-at <time>', 'end of the ban, ISO 8601 or epoch ms', parseMoment)
      .option('--for <duration>', 'length of the ban, for example 2h or 1d', parseDuration);
  }
  command.action(async (options: ActionOptions) => {
    if (options.for !== undefined && options.resumeAt !== undefined) {
      command.error('error: give --resume-at or --for, not both.', { exitCode: 2 });
    }
    const { account, domain, app, reason } = options;
    const resumeAt = options.for === undefined ? options.resumeAt : Date.now() + options.for;
    const actions = await openActions();
    try {
      const order = actions.check({
        account,
        action,
        domain,
        app,
        stream: options.stream,
        resumeAt,
        reason,
      });
      const plan = await actions.dryRun(order);
      if (!options.yes) {
        const { confirm: _confirm, confirmUntil: _until, ...shown } = plan;
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ dryRun: true, ...shown })}\n`
            : [
                `Would ${action} ${domain}/${app}/${order.stream} (account ${account}, now ${plan.state}).`,
                ...plan.effects.map((effect) => `  ${effect}`),
                'Nothing was done. Add --yes to do it.',
                '',
              ].join('\n'),
        );
        return;
      }
      const actor = { via: 'cli', by: userName() } as const;
      const done = await actions.carryOut(order, plan.confirm, actor, options.lang);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ dryRun: false, ...done })}\n`
          : [
              `Done: ${action} ${domain}/${app}/${order.stream} (request id ${done.requestId}).`,
              ...plan.effects.map((effect) => `  ${effect}`),
              ...(order.resumeAt === null
                ? []
                : [`  The ban ends ${printMoment(order.resumeAt)}.`]),
              '',
            ].join('\n'),
      );
    } finally {
      actions.close();
    }
  });
}

/** The name of the user, or the uid where there is no name, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new InvalidArgumentError('give a whole number of at least 1.');
  }
  return limit;
}

/** Imported at its first use, so that other commands start faster. */
async function openActions() {
  const { actionsOf } = await import('../server/actions-of.ts');
  return actionsOf(await readConfig(process.env));
}
