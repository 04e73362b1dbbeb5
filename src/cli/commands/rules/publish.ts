import type { Command } from 'commander';
import type { RulesPublication } from '../../../engine/engine.ts';
import { openServer } from '../../input/open-server.ts';
import { parseDuration } from '../../input/options.ts';
import { confirm } from '../../output/confirm.ts';
import { runCheck } from './rules-command.ts';

interface PublishOptions {
  url?: string;
  by?: string;
  dryRun?: boolean;
  yes?: boolean;
  wait: number;
  json?: boolean;
}

/** Ids are listed up to this number; then they are counted. */
const LISTED = 20;

function list(words: string, ids: readonly string[]): string[] {
  const more = ids.length - LISTED;
  return ids.length === 0
    ? []
    : [
        `${words} ${ids.length}: ${ids.slice(0, LISTED).join(', ')}${more > 0 ? `, and ${more} more` : ''}`,
      ];
}

/** What publishing changes, in lines. */
function printChanges({ published, files, count, ...changes }: RulesPublication): string {
  const { added, changed, removed, catalogue } = changes;
  return [
    `In force: ${published ? `revision ${published.revision} (${published.set}), published ${new Date(published.publishedAt).toISOString()} by ${published.by}` : 'nothing is published yet'}`,
    `Files of the server: ${files} (${count} rules)`,
    ...list('  added', added),
    ...list('  changed', changed),
    ...list('  removed', removed),
    ...(catalogue ? ['  other reasons and texts of the team'] : []),
    '',
  ].join('\n');
}

/** What became of it, in lines. */
function printResult({ state, revision, waitsFor }: RulesPublication): string {
  const results = {
    same: 'The files are those that are published. Nothing was changed.',
    'dry-run': 'Nothing was changed.',
    'in-force': `Revision ${revision} is in force on all servers.`,
    replaced: `Revision ${revision} was replaced by a newer one.`,
    waiting: `Revision ${revision} waits until each server can run it. It is then put in force without another command.`,
  };
  return [results[state], ...waitsFor.map(({ server, why }) => `  ${server} ${why}`), ''].join(
    '\n',
  );
}

async function publish(options: PublishOptions): Promise<boolean> {
  const server = await openServer(options.url);
  const ask = (body: { hash?: string; by?: string }) => server.call('publishRules', { body });
  const who = options.by === undefined ? {} : { by: options.by };
  let answer: RulesPublication = await ask(who);
  if (!options.json) {
    process.stdout.write(printChanges(answer));
  }
  if (answer.state === 'dry-run' && !options.dryRun) {
    if (!options.yes && !(await confirm(`Publish these files to all servers? [y/N] `))) {
      process.stderr.write('Nothing was changed.\n');
      return false;
    }
    const { files } = answer;
    const until = performance.now() + options.wait;
    do {
      // Each answer waits some seconds; asked again, the server goes on with the same revision.
      answer = { ...answer, ...pick(await ask({ ...who, hash: files })) };
    } while (answer.state === 'waiting' && performance.now() < until);
  }
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : printResult(answer));
  return answer.state !== 'waiting' && answer.state !== 'replaced';
}

/** Only the result: while a revision is published, what it changes becomes what is in force. */
function pick({ state, revision, waitsFor }: RulesPublication) {
  return { state, revision, waitsFor };
}

/** Adds `breakwatch rules publish`, which puts the files of a server in force on all that share its database. */
export function addPublish(rules: Command): void {
  const command = rules
    .command('publish')
    .description(
      'With several servers on one PostgreSQL: show what the rules in the folders of the server that answers would change, and put them in force on all servers. A server with other files reports that. Run it when all servers have the new files, "rules check" and "rules backtest" before. A revision that needs a newer version waits until all servers have it. Exit code 1: declined, or it still waits.',
    )
    .option('--url <url>', 'server whose files are published (default: the configured one)')
    .option('--by <name>', 'who publishes them; a token with a name says so itself')
    .option('--dry-run', 'only show what would change')
    .option(
      '--wait <length>',
      'how long to wait for all servers, for example 2m',
      parseDuration,
      30_000,
    )
    .option('--yes', 'do not ask for confirmation')
    .option('--json', 'print one JSON document')
    .action((options: PublishOptions) => {
      if (!options.yes && !options.dryRun && !process.stdin.isTTY) {
        command.error(
          'error: this changes the rules of all servers; without a terminal, confirm with --yes.',
          { exitCode: 2 },
        );
      }
      return runCheck(() => publish(options));
    });
}
