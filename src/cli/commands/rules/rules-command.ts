import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { shippedRulesFolder } from '../../../diagnosis/rule-files/shipped-rules-folder.ts';
import { reportError } from '../../output/log.ts';

/** Output format of a `rules` command. */
export type Format = 'text' | 'json' | 'github' | 'sarif' | 'markdown';

/** The formats of commands that print findings. */
export const FINDING_FORMATS: readonly Format[] = ['text', 'json', 'github', 'sarif'];

/** Values of `--json` and `--format`. */
export interface FormatOptions {
  json?: boolean;
  format?: Format;
}

/** Adds `--json` and `--format`. The first format is the default. */
export function addFormatOptions(command: Command, formats: readonly Format[]): Command {
  return command
    .option('--json', 'print one JSON document; the same as --format json')
    .addOption(
      new Option('--format <format>', 'output format').choices(formats).default(formats[0]),
    );
}

/** The chosen format. */
export function formatOf({ json, format }: FormatOptions): Format {
  return json ? 'json' : (format ?? 'text');
}

/** The folders of a command. */
export interface RuleFolders {
  /** The folders to check; a later one overrides an earlier one. */
  own: string[];
  /** The folders that they override, which are not checked. */
  below: string[];
}

/**
 * Determines the folders of a command: the named ones on top of the shipped rules, or else the active rules,
 * which are the shipped ones and the team's (BREAKWATCH_RULES) on top.
 *
 * @param named - folders from the command line
 */
export function ruleFolders(
  named: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): RuleFolders {
  const shipped = shippedRulesFolder();
  if (named.length === 0) {
    const team = environment.BREAKWATCH_RULES;
    return { own: team ? [shipped, team] : [shipped], below: [] };
  }
  const hasShipped = named.some((folder) => resolve(folder) === resolve(shipped));
  return { own: [...named], below: hasShipped ? [] : [shipped] };
}

/**
 * Runs a `rules` command and sets the exit code: 0 no findings, 1 findings, 2 when the command fails, so that a
 * build can distinguish bad rules from wrong usage.
 *
 * @param check - resolves to whether there are no findings
 */
export async function runCheck(check: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await check()) ? 0 : 1;
  } catch (thrown) {
    reportError(thrown);
    process.exitCode = 2;
  }
}
