import { resolve } from 'node:path';
import type { AlertSettings } from '../../alerts/alert-settings.ts';
import type { MuteSource } from '../../alerts/parse-mute-intervals.ts';
import type { PushKey } from '../../css/push-url/index.ts';
import type { Account } from '../../engine/engine.ts';
import { KEEP_DAYS } from '../../engine/retention.ts';
import { accountOfEnvironment, pushKeysOfEnvironment } from './account-of-environment.ts';
import { readAccount } from './read-account.ts';
import { readAlertSettings } from './read-alert-settings.ts';
import { readConfigFile } from './read-config-file.ts';
import type { ServerSettings } from './read-server-settings.ts';
import { addresses, bad, commaList, expand } from './setting-values.ts';

/** All settings of `breakwatch serve`. */
export interface Config {
  host: string;
  port: number;
  dataFolder: string;
  /** Retention in days; 0 keeps everything. 400 when absent. */
  keepDays?: number;
  token: string | undefined;
  /** Folder of a team's own rules, which override the shipped rules. */
  rulesFolder: string | undefined;
  /** CSV file that maps streams to rooms and users. */
  directoryFile?: string;
  /** File with maintenance windows and schedules. */
  mute?: MuteSource;
  /** Notification channels; only Grafana notifies when absent. */
  alerts?: AlertSettings;
  /** Addresses of proxies whose X-Forwarded-For is trusted. */
  trustProxy?: string[];
  /** Who may reach the server; see `read-server-settings.ts`. */
  server?: ServerSettings;
  accounts: Account[];
}

const MAX_KEEP_DAYS = 36_500;

/**
 * Reads the configuration from the environment and, if there is one, from `breakwatch.yaml`
 * (BREAKWATCH_CONFIG names another file). An account given by the environment is called `default`.
 *
 * @throws BAD_CONFIG naming the setting
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const file = readConfigFile(environment);
  const accounts = (file.accounts ?? []).map((entry, index) =>
    readAccount(entry, `accounts[${index}]`, environment),
  );
  const fromEnvironment = accountOfEnvironment(environment);
  if (fromEnvironment) {
    accounts.unshift(fromEnvironment);
  }
  const names = accounts.map((account) => account.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    bad(`two accounts have the name ${twice}.`);
  }
  return {
    host: environment.BREAKWATCH_HOST || '127.0.0.1',
    port: readPort(environment.BREAKWATCH_PORT),
    dataFolder: resolve(environment.BREAKWATCH_DATA || 'data'),
    keepDays: readKeepDays(environment.BREAKWATCH_KEEP_DAYS),
    token: environment.BREAKWATCH_TOKEN || undefined,
    rulesFolder: environment.BREAKWATCH_RULES || undefined,
    directoryFile: environment.BREAKWATCH_DIRECTORY
      ? resolve(environment.BREAKWATCH_DIRECTORY)
      : file.directory,
    mute: file.mute,
    trustProxy:
      addresses(commaList(environment.BREAKWATCH_TRUST_PROXY), 'BREAKWATCH_TRUST_PROXY') ??
      file.trustProxy,
    server: file.server,
    alerts: readAlertSettings(file.alerts, (text, where) => expand(text, where, environment)),
    accounts,
  };
}

function readPort(text: string | undefined): number {
  if (!text) {
    return 7070;
  }
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    bad(`BREAKWATCH_PORT must be a port number from 0 to 65535, not ${JSON.stringify(text)}.`);
  }
  return port;
}

function readKeepDays(text: string | undefined): number {
  if (!text) {
    return KEEP_DAYS;
  }
  const days = Number(text);
  if (!/^\d+$/.test(text) || days > MAX_KEEP_DAYS) {
    bad(
      `BREAKWATCH_KEEP_DAYS must be a whole number of days from 1 to ${MAX_KEEP_DAYS}, or 0 to keep all, not ${JSON.stringify(text)}.`,
    );
  }
  return days;
}

/**
 * All push keys that this installation knows: those of the accounts, primary before backup, then
 * BREAKWATCH_PUSH_KEY, which serves also where no account is configured.
 *
 * @throws `BAD_CONFIG`
 */
export function readPushKeys(environment: NodeJS.ProcessEnv): PushKey[] {
  const keys = [
    ...readConfig(environment).accounts.flatMap((account) => account.pushKeys),
    ...pushKeysOfEnvironment(environment),
  ];
  // A domain's own keys come before those for every domain.
  return [...keys.filter((key) => key.domain !== '*'), ...keys.filter((key) => key.domain === '*')];
}
