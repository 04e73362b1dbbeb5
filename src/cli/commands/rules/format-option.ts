import { type Command, Option } from 'commander';

/** How a command of the workbench prints. */
export type Format = 'text' | 'json' | 'github' | 'markdown';

/** What `--json` and `--format` come to. */
export interface FormatOptions {
  json?: boolean;
  format?: Format;
}

/** Adds `--json` and `--format`; the first format is what a person gets. */
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
