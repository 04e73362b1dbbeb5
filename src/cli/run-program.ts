import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addAlerts } from './commands/alerts.ts';
import { addBackup, addRestore } from './commands/backup.ts';
import { addDatabase } from './commands/database/add-database.ts';
import { addDiagnose } from './commands/diagnose.ts';
import { addEvidence } from './commands/evidence.ts';
import { addExplainCode } from './commands/explain-code.ts';
import { addExport } from './commands/export.ts';
import { addFeedback } from './commands/feedback.ts';
import { addImport } from './commands/import.ts';
import { addRules } from './commands/rules/add-rules.ts';
import { addServe, addStart } from './commands/serve.ts';
import { addStatus } from './commands/status.ts';
import { addStream } from './commands/stream.ts';
import { addStreamCode } from './commands/stream-code.ts';
import { addToken } from './commands/token.ts';
import { addUrl } from './commands/url.ts';
import { reportError } from './output/log.ts';

function createProgram(): Command {
  const program = new Command('breakwatch')
    .description('Tells why a live push stream broke, and what to do now.')
    .version(packageJson.version)
    // Names without arguments keep the list within 80 columns. The help of a command lists its arguments.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride();
  addAlerts(program);
  addBackup(program);
  addDatabase(program);
  addDiagnose(program);
  addEvidence(program);
  addExplainCode(program);
  addExport(program);
  addFeedback(program);
  addImport(program);
  addRestore(program);
  addRules(program);
  addServe(program);
  addStart(program);
  addStatus(program);
  addStream(program);
  addStreamCode(program);
  addToken(program);
  addUrl(program);
  return program;
}

/**
 * Runs the `breakwatch` command and sets `process.exitCode`: 0 success, 1 failure, 2 wrong usage. Throws nothing.
 *
 * @param args - the arguments after `breakwatch`
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    } else {
      reportError(thrown);
      process.exitCode = 1;
    }
  }
}
