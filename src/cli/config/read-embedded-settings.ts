import { isAbsolute } from 'node:path';
import { NAME_PATTERN } from '../../contract/settings.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { Config } from './read-config.ts';

/** What Grafana's plugin writes to the server that it starts (`child.go`), as one line of JSON. */
export interface EmbeddedInput {
  /** Path of the Unix socket to listen on; a free port of 127.0.0.1 when absent. */
  socket?: string;
  /** Token that requests must have. */
  token: string;
  /** Absolute path. */
  dataFolder: string;
  rulesFolder?: string;
  secretKey: string;
  /** The settings of the data source as Grafana stores them. */
  settings: Record<string, unknown>;
}

const DAY_MS = 86_400_000;
const POLL_SECONDS = 10;
const BACKFILL_DAYS = 1;
const MAX_BACKFILL_DAYS = 60;
const MAX_KEEP_DAYS = 36_500;
const ACCOUNT_NAME = new RegExp(NAME_PATTERN);

/** Labels of the settings in the editor. */
const LABELS = {
  secretId: 'SecretId',
  site: 'Site',
  accountName: 'Account name',
  endpoint: 'API endpoint',
  directory: 'Directory',
  backfillDays: 'Back-fill',
  keepDays: 'Retention',
} as const;

type Setting = keyof typeof LABELS;

function invalid(setting: Setting, problem: string): never {
  throw maskedError('NOT_CONFIGURED', { problem: `${LABELS[setting]} (${setting}) ${problem}.` });
}

/**
 * Reads the configuration of a server that Grafana's plugin starts.
 *
 * @throws `NOT_CONFIGURED` naming the setting
 */
export function readEmbeddedSettings(input: EmbeddedInput): Config {
  const { socket, token, dataFolder, rulesFolder, secretKey, settings } = input;
  const text = (setting: Setting, otherwise = ''): string => {
    const value = settings[setting] ?? '';
    if (typeof value !== 'string') {
      invalid(setting, 'must be a string');
    }
    return value.trim() || otherwise;
  };
  const days = (setting: Setting, max: number): number | undefined => {
    const value = settings[setting] ?? undefined;
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== 'number' || !(value >= 0 && value <= max)) {
      invalid(setting, `must be a number of days from 0 to ${max}`);
    }
    return value;
  };
  const secretId = text('secretId') || invalid('secretId', 'is missing');
  if (secretKey === '') {
    throw maskedError('NOT_CONFIGURED', {
      problem: 'SecretKey (secretKey, stored encrypted) is missing.',
    });
  }
  const site = text('site', 'cn');
  if (site !== 'cn' && site !== 'intl') {
    invalid('site', `is "${site}"; it must be cn or intl`);
  }
  const name = text('accountName', 'default');
  if (!ACCOUNT_NAME.test(name)) {
    invalid('accountName', `is "${name}"; only letters, digits, - and _ are allowed`);
  }
  const endpoint = text('endpoint');
  if (endpoint !== '') {
    checkEndpoint(endpoint);
  }
  const directoryFile = text('directory');
  if (directoryFile !== '' && !isAbsolute(directoryFile)) {
    invalid('directory', `is "${directoryFile}"; it must be an absolute path`);
  }
  const keepDays = days('keepDays', MAX_KEEP_DAYS);
  if (keepDays !== undefined && !Number.isInteger(keepDays)) {
    invalid('keepDays', 'must be a whole number of days, or 0 to keep all');
  }
  const backfillDays = days('backfillDays', MAX_BACKFILL_DAYS) ?? BACKFILL_DAYS;
  return {
    host: '127.0.0.1',
    port: 0,
    ...(socket && { socket }),
    token,
    dataFolder,
    ...(keepDays !== undefined && { keepDays }),
    rulesFolder,
    ...(directoryFile && { directoryFile }),
    accounts: [
      {
        name,
        site,
        ...(endpoint && { endpoint }),
        credentials: { secretId, secretKey },
        callbackKeys: [],
        pushKeys: [],
        backfillMs: backfillDays * DAY_MS,
        pollSeconds: POLL_SECONDS,
      },
    ],
  };
}

function checkEndpoint(endpoint: string): void {
  const url = URL.parse(endpoint);
  if (!url || !/^https?:$/.test(url.protocol)) {
    invalid('endpoint', `must be an http or https address, not "${endpoint.slice(0, 200)}"`);
  }
  if (url.username || url.password) {
    invalid('endpoint', 'contains a user or password. Use the secret fields instead');
  }
}
