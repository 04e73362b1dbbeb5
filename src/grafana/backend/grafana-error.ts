import { ERROR_CATALOGUE, type ErrorCode } from '../../model/error-catalogue.ts';
import type { AnswerError } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { Settings } from './read-settings.ts';
import { redact } from './redact.ts';

/** An error as Grafana takes it. */
export interface GrafanaError {
  code: string;
  /** What is wrong and what to do, in one text. */
  text: string;
  /** HTTP status. */
  status: number;
  /** Whose fault it is: this plugin's, or that of settings, queries, CSS, a remote server. */
  source: 'plugin' | 'downstream';
}

/** Errors inside this process; all others lie at what it was given or at what it asks. */
const OWN_ERRORS = new Set([
  'INTERNAL',
  'STORE_FAILED',
  'STORE_FULL',
  'STORE_DAMAGED',
  'STORE_READ_ONLY',
  'STORE_BUSY',
  'STORE_NO_LOCKS',
  'STORE_TOO_OLD',
  'STORE_TOO_NEW',
  'JOURNAL_BEHIND',
  'DATA_FOLDER_UNWRITABLE',
  'DATA_FOLDER_OWNED',
  'RULE_FILE_INVALID',
  'RULES_FOLDER_MISSING',
]);

/** In embedded mode, settings of the data source stand where a server has variables. */
const SETTING_OF_VARIABLE: Record<string, string> = {
  BREAKWATCH_DATA: 'Data folder in the settings of the data source',
  BREAKWATCH_KEEP_DAYS: 'keepDays in the settings of the data source',
  BREAKWATCH_API_ENDPOINT: 'API endpoint in the settings of the data source',
  BREAKWATCH_RULES: 'GF_PLUGIN_RULES_PATH',
};

/** What is wrong and what to do, in the words of whoever looks at a data source's settings. */
export function errorText(error: AnswerError, mode: Settings['mode'] | undefined): string {
  const { message, remedy } = error;
  return mode === 'embedded'
    ? redact(`${message} ${ofSettings(remedy)}`).replace(
        /BREAKWATCH_\w+/g,
        (name) => SETTING_OF_VARIABLE[name] ?? name,
      )
    : redact(`${message} ${remedy}`);
}

/** Leaves out sentences about variables that no setting stands for: they speak of servers and commands. */
function ofSettings(remedy: string): string {
  const isOfSettings = (sentence: string) =>
    (sentence.match(/BREAKWATCH_\w+/g) ?? []).every((name) => name in SETTING_OF_VARIABLE);
  return remedy
    .split(/(?<=\.) /)
    .filter(isOfSettings)
    .join(' ');
}

/**
 * Turns an error of an answer into what Grafana takes.
 *
 * @param mode - of the data source; undefined when its settings could not be read
 */
export function grafanaErrorOf(
  error: AnswerError,
  mode: Settings['mode'] | undefined,
): GrafanaError {
  const status = ERROR_CATALOGUE[error.code as ErrorCode]?.status ?? 500;
  // What fails inside a remote server is not this plugin's fault.
  const own = OWN_ERRORS.has(error.code) && mode !== 'remote';
  return {
    code: error.code,
    text: errorText(error, mode),
    status,
    source: own ? 'plugin' : 'downstream',
  };
}

/** The same for anything thrown. */
export function grafanaErrorOfThrown(
  thrown: unknown,
  mode: Settings['mode'] | undefined,
): GrafanaError {
  const error = asBreakwatchError(thrown);
  const made = grafanaErrorOf(error.toAnswer(), mode);
  // Thrown here and not answered by a server: then it is ours whatever the mode.
  return error.code === 'INTERNAL' ? { ...made, source: 'plugin' } : made;
}
