import { type Command, InvalidArgumentError } from 'commander';
import { type AnswerError, BreakwatchError } from '../../model/errors.ts';
import type { ChannelStatus, ChannelTest, OutboxEntry } from '../../model/notice.ts';
import { readConfig } from '../config/read-config.ts';
import { openServer } from '../input/open-server.ts';
import { languageOption, printMoment } from '../input/options.ts';
import { printable } from '../output/printable.ts';
import { wrapText } from '../output/wrap-text.ts';

interface Options {
  url?: string;
  json?: boolean;
}

interface Outbox {
  channels: ChannelStatus[];
  warnings: AnswerError[];
  notices: OutboxEntry[];
}

interface ShownAlert {
  state: string;
  startsAt: number;
  id: string;
  labels: { severity: string; category: string };
  inhibitedBy: string | null;
  mutedBy: string | null;
  text: { title: string } | null;
}

/** Adds `breakwatch alerts list|outbox|resend|drop|test`. All of them ask a running server. */
export function addAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('Show alerts and unsent notices, and test the notification channels.');

  common(alerts.command('list').description('List firing alerts, newest first.'))
    .addOption(languageOption())
    .option('--all', 'include pending and resolved alerts')
    .action(async (options: Options & { lang: string; all?: boolean }) => {
      const state = options.all ? '' : '&state=firing';
      const path = `api/v1/alerts?lang=${options.lang}${state}`;
      const found = await ask<{ alerts: ShownAlert[] }>(options, path, 'alerts');
      print(
        options,
        found,
        found.alerts.length === 0 ? ['No alert is firing.'] : found.alerts.flatMap(linesOf),
      );
    });

  common(
    alerts
      .command('outbox')
      .description('Show each notification channel, its waiting notices and those given up.'),
  )
    .option('--limit <count>', 'maximum number of notices', parseLimit, 100)
    .action(async (options: Options & { limit: number }) => {
      const path = `api/v1/alerts/outbox?limit=${options.limit}`;
      const outbox = await ask<Outbox>(options, path, 'channels');
      print(options, outbox, printOutbox(outbox));
    });

  for (const [name, description] of [
    ['resend', 'Send a notice again that was given up, or a waiting one now.'],
    ['drop', 'Delete a notice from the outbox without sending it.'],
  ] as const) {
    common(alerts.command(`${name} <id>`).description(description))
      .option('--channel <name>', 'only on this channel')
      .action(async (id: string, options: Options & { channel?: string }) => {
        const done = await ask<{ channels: number }>(
          options,
          `api/v1/alerts/outbox/${name}`,
          'channels',
          {
            id,
            ...(options.channel === undefined ? {} : { channel: options.channel }),
          },
        );
        const word = name === 'resend' ? 'Sending' : 'Dropped';
        print(options, done, [
          `${word} on ${done.channels} channel${done.channels === 1 ? '' : 's'}.`,
        ]);
      });
  }

  common(
    alerts
      .command('test [channel]')
      .description('Send a test alert and its resolve, and show what the receivers answer.'),
  ).action(async (channel: string | undefined, options: Options) => {
    const found = await test(channel, options);
    print(options, found, [
      ...found.tests.map((one) => `${one.channel}: ${one.ok ? 'ok' : 'FAILED'}: ${one.answer}`),
      ...(found.from === 'here'
        ? ['(No server is running. This command sent the test itself.)']
        : []),
    ]);
    if (found.tests.some(({ ok }) => !ok)) {
      process.exitCode = 1;
    }
  });
}

/** Formats an alert in at most 80 columns: title, state, why it is muted, and its id. */
function linesOf({ state, startsAt, labels, text, id, ...mute }: ShownAlert): string[] {
  const by = mute.inhibitedBy ?? mute.mutedBy;
  return [
    ...wrapText(text?.title ?? labels.category, `[${labels.severity}] `, '  ', 80),
    `  ${state} since ${printMoment(startsAt)}`,
    ...(by ? wrapText(`muted by ${by}`, '  ', '  ', 80) : []),
    `  ${id}`,
  ];
}

/** Asks the server to test its channels. Without a server, tests the configured channels from here. */
async function test(channel: string | undefined, options: Options) {
  try {
    const body = channel === undefined ? {} : { channel };
    const { tests } = await ask<{ tests: ChannelTest[] }>(
      options,
      'api/v1/alerts/test',
      'tests',
      body,
    );
    return { from: 'server', tests };
  } catch (thrown) {
    const isDown = thrown instanceof BreakwatchError && thrown.code === 'SERVER_UNREACHABLE';
    if (!isDown || options.url !== undefined) {
      throw thrown;
    }
    // Imported here, so that other commands start faster.
    const { createChannels } = await import('../../alerts/channels/create-channels.ts');
    const { testChannels } = await import('../../alerts/channels/test-channels.ts');
    const config = await readConfig(process.env);
    const channels = config.alerts ? createChannels(config.alerts) : [];
    return { from: 'here', tests: await testChannels(channels, channel) };
  }
}

function common(command: Command): Command {
  return command
    .option('--url <url>', 'server to ask (default: the configured one)')
    .option('--json', 'print JSON');
}

/** @throws `SERVER_*` */
async function ask<T>(options: Options, path: string, name: string, body?: object): Promise<T> {
  const server = await openServer(options.url);
  const check = (answer: unknown): T => {
    if (typeof answer !== 'object' || answer === null || !(name in answer)) {
      throw new Error(`${name} is missing`);
    }
    return answer as T;
  };
  return server.ask(path, check, body && { method: 'POST', body: JSON.stringify(body) });
}

function print(options: Options, found: object, lines: readonly string[]): void {
  const text = options.json ? JSON.stringify(found) : printable(lines.join('\n'));
  process.stdout.write(`${text}\n`);
}

function printOutbox({ channels, warnings, notices }: Outbox): string[] {
  if (channels.length === 0) {
    return ['No notification channel is configured (alerts.channels in breakwatch.yaml).'];
  }
  return [
    ...channels.map(({ channel, waiting, givenUp, lastSentAt, error }) =>
      [
        `${channel}: ${waiting} waiting, ${givenUp} given up`,
        lastSentAt === null ? 'nothing sent yet' : `last sent ${printMoment(lastSentAt)}`,
        ...(error ? [`failing: ${error.message}`] : []),
      ].join(', '),
    ),
    ...warnings.map(({ message, remedy }) => `warning: ${message} ${remedy}`),
    ...notices.map(({ id, channel, state, title, at, tries, error }) => {
      const why = error ? `: ${error.message}` : '';
      const tried = state === 'givenUp' ? 'given up' : `waiting, ${tries} tries`;
      return `${id}  ${channel}  ${tried}, due ${printMoment(at)}  ${title}${why}`;
    }),
  ];
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new InvalidArgumentError('give a whole number from 1 to 1000.');
  }
  return limit;
}
