import { type Command, InvalidArgumentError } from 'commander';
import { createServerClient } from '../../client/create-server-client.ts';
import { BreakwatchError } from '../../model/errors.ts';
import type { ChannelStatus, ChannelTest, OutboxEntry } from '../../model/notice-outbox.ts';
import type { AnswerError } from '../../model/query.ts';
import { type Config, readConfig } from '../config/read-config.ts';
import { languageOption } from '../input/language-option.ts';
import { printMoment } from '../input/parse-moment.ts';
import { serverUrl } from '../input/server-url.ts';
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

/** Adds `breakwatch alerts list|outbox|resend|drop|test`, which ask a running server. */
export function addAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('See alerts, what has not been sent yet, and try the ways out.');

  common(alerts.command('list').description('Tell which alerts there are, the latest first.'))
    .addOption(languageOption())
    .option('--all', 'resolved and pending ones too')
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
      .description('Tell how the ways out are, what waits for them and what was given up.'),
  )
    .option('--limit <count>', 'notices at most', parseLimit, 100)
    .action(async (options: Options & { limit: number }) => {
      const path = `api/v1/alerts/outbox?limit=${options.limit}`;
      const outbox = await ask<Outbox>(options, path, 'channels');
      print(options, outbox, printOutbox(outbox));
    });

  for (const [name, description] of [
    ['resend', 'Send a notice that was given up, or try a waiting one at once.'],
    ['drop', 'Take a notice off the list, unsent.'],
  ] as const) {
    common(alerts.command(`${name} <id>`).description(description))
      .option('--channel <name>', 'on this channel only')
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
        const word = name === 'resend' ? 'Being sent' : 'Dropped';
        print(options, done, [
          `${word} on ${done.channels} way${done.channels === 1 ? '' : 's'} out.`,
        ]);
      });
  }

  common(
    alerts
      .command('test [channel]')
      .description('Send a marked test alert and its resolve, and tell what the receivers say.'),
  ).action(async (channel: string | undefined, options: Options) => {
    const found = await test(channel, options);
    print(options, found, [
      ...found.tests.map((one) => `${one.channel}: ${one.ok ? 'ok' : 'FAILED'}: ${one.answer}`),
      ...(found.from === 'here' ? ['(No server runs, so this was sent from here.)'] : []),
    ]);
    if (found.tests.some(({ ok }) => !ok)) {
      process.exitCode = 1;
    }
  });
}

/** An alert in at most 80 columns: what, since when, why nobody is told, and its id to copy. */
function linesOf({ state, startsAt, labels, text, id, ...mute }: ShownAlert): string[] {
  const by = mute.inhibitedBy ?? mute.mutedBy;
  return [
    ...wrapText(text?.title ?? labels.category, `[${labels.severity}] `, '  ', 80),
    `  ${state} since ${printMoment(startsAt)}`,
    ...(by ? wrapText(`kept quiet by ${by}`, '  ', '  ', 80) : []),
    `  ${id}`,
  ];
}

/** Asks the server, or, before there is one, tries the ways out of the settings from here. */
async function test(channel: string | undefined, options: Options) {
  const config = readConfig(process.env);
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
    // Loaded here, so that other commands need not read senders that they never use.
    const { createChannels } = await import('../../alerts/channels/create-channels.ts');
    const { testChannels } = await import('../../alerts/channels/test-channels.ts');
    const channels = config.alerts ? createChannels(config.alerts) : [];
    return { from: 'here', tests: await testChannels(channels, channel) };
  }
}

function common(command: Command): Command {
  return command
    .option('--url <url>', 'ask this server (default: the one of the settings)')
    .option('--json', 'print JSON');
}

/** @throws `SERVER_*` */
async function ask<T>(options: Options, path: string, name: string, body?: object): Promise<T> {
  const config: Config = readConfig(process.env);
  const { token } = config;
  const url = options.url ?? serverUrl(config);
  const client = createServerClient({ url, ...(token ? { token } : {}) });
  const check = (answer: unknown): T => {
    if (typeof answer !== 'object' || answer === null || !(name in answer)) {
      throw new Error(`${name} is missing`);
    }
    return answer as T;
  };
  return client.ask(path, check, body && { method: 'POST', body: JSON.stringify(body) });
}

function print(options: Options, found: object, lines: readonly string[]): void {
  const text = options.json ? JSON.stringify(found) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}

function printOutbox({ channels, warnings, notices }: Outbox): string[] {
  if (channels.length === 0) {
    return ['No way out is configured beside Grafana (alerts in breakwatch.yaml).'];
  }
  return [
    ...channels.map(({ channel, waiting, dead, lastSentAt, error }) =>
      [
        `${channel}: ${waiting} waiting, ${dead} given up`,
        lastSentAt === null ? 'nothing sent yet' : `last sent ${printMoment(lastSentAt)}`,
        ...(error ? [`failing: ${error.message}`] : []),
      ].join(', '),
    ),
    ...warnings.map(({ message, remedy }) => `warning: ${message} ${remedy}`),
    ...notices.map(({ id, channel, state, title, at, tries, error }) => {
      const why = error ? `: ${error.message}` : '';
      const tried = state === 'dead' ? 'given up' : `waiting, ${tries} tries`;
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
