import { type Command, Option } from 'commander';
import { ROLES } from '../../model/vocabulary.ts';

/** Adds `breakwatch token`, which creates named tokens for the HTTP API. */
export function addToken(program: Command): void {
  const token = program.command('token').description('Create named tokens for the HTTP API.');
  token
    .command('new')
    .description('Create a token, print it once, and print the line for server.tokens.')
    .argument('<name>', 'whose token it is; shown in the audit log and in remarks')
    .addOption(
      new Option('--role <role...>', 'what it may do; repeat for several')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .action(async (name: string, { role }: { role: string[] }) => {
      // Imported here, so that other commands start faster.
      const { createNamedToken } = await import('../../server/named-tokens.ts');
      const { token: created, entry } = createNamedToken(name, [...new Set(role)]);
      const roles = entry.roles.join(', ');
      process.stdout.write(
        `${created}\n- { name: "${entry.name}", roles: [${roles}], sha256: "${entry.sha256}" }\n`,
      );
      process.stderr.write(
        'The first line is the token. It is stored nowhere: give it to its user now.\nAdd the second line to server.tokens in breakwatch.yaml, or to the file that it names.\n',
      );
    });
}
