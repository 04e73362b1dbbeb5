import { resolve } from 'node:path';
import type { AlertSettings } from '../../alerts/alert-settings.ts';
import type { MuteSource } from '../../alerts/parse-mute-intervals.ts';
import type { PushKey } from '../../css/push-url/index.ts';
import type { Account } from '../../engine/engine.ts';
import { KEEP_DAYS } from '../../engine/retention.ts';
import type { PostgresSettings } from '../../store/postgres/connection-settings.ts';
import { checkEnvironment, isServiceAddress } from './check-environment.ts';
import { accountOfEnvironment, pushKeysOfEnvironment, readAccount } from './read-account.ts';
import { readAlertSettings } from './read-alert-settings.ts';
import { readConfigFile } from './read-config-file.ts';
import { readDatabase } from './read-database.ts';
import type { ServerSettings } from './read-server-settings.ts';
import { addresses, bad, commaList, expand } from './setting-values.ts';

/** Where the server of this configuration listens, and its token. Only the environment sets them. */
export interface ServerConfig {
  host: string;
  port: number;
  /** Path of a Unix socket, instead of host and port. Only an embedded server has one. */
  socket?: string;
  /** Required on the API and metrics; undefined: not required. */
  token: string | undefined;
}

/** All settings of `breakwatch serve`. */
export interface Config extends ServerConfig {
  /** Holds the stored data, unless there is a database, and the log of actions. */
  dataFolder: string;
  /** PostgreSQL, instead of SQLite in the data folder. */
  database?: PostgresSettings;
  /** Retention in days; 0 keeps everything. 400 when absent. */
  keepDays?: number;
  /** Folder to which old data is exported before it is deleted; it is not exported when absent. */
  exportFolder?: string;
  /** Start although the journal lacks entries from which breaks were derived. */
  acceptJournalLoss?: boolean;
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

/** The token of the demo in docker-compose.yaml. */
const DEMO_TOKEN = 'demo-token';
const MAX_KEEP_DAYS = 36_500;

/** Reads the absolute path of the data folder. Only the environment sets it. */
export function readDataFolder(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.BREAKWATCH_DATA || 'data');
}

/**
 * Reads the configuration from the environment and, if there is one, from `breakwatch.yaml`
 * (BREAKWATCH_CONFIG names another file). An account given by the environment is called `default`.
 *
 * @throws BAD_CONFIG naming the setting
 */
export async function readConfig(environment: NodeJS.ProcessEnv): Promise<Config> {
  const file = await readConfigFile(environment);
  checkEnvironment(environment, file.text ?? '');
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
  if (accounts.length > 0 && environment.BREAKWATCH_TOKEN === DEMO_TOKEN) {
    bad(
      `BREAKWATCH_TOKEN is "${DEMO_TOKEN}", which docker-compose.yaml uses for the demo and everybody knows. Set a token of your own, for example the output of "openssl rand -hex 32", before you configure an account.`,
    );
  }
  return {
    ...readServerConfig(environment),
    dataFolder: readDataFolder(environment),
    database: readDatabase(file.database, environment),
    keepDays: readKeepDays(environment.BREAKWATCH_KEEP_DAYS),
    ...(environment.BREAKWATCH_EXPORT_FOLDER
      ? { exportFolder: resolve(environment.BREAKWATCH_EXPORT_FOLDER) }
      : {}),
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

/**
 * Reads only the settings of the server, for commands that ask it.
 *
 * @throws `BAD_CONFIG` when the port is not a port number
 */
export function readServerConfig(environment: NodeJS.ProcessEnv): ServerConfig {
  return {
    host: environment.BREAKWATCH_HOST || '127.0.0.1',
    port: readPort(environment.BREAKWATCH_PORT),
    token: environment.BREAKWATCH_TOKEN || undefined,
  };
}

function readPort(text: string | undefined): number {
  if (!text || isServiceAddress(text)) {
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
 * BREAKWATCH_PUSH_KEY, which also works without an account.
 *
 * @throws `BAD_CONFIG`
 */
export async function readPushKeys(environment: NodeJS.ProcessEnv): Promise<PushKey[]> {
  const { accounts } = await readConfig(environment);
  return sortPushKeys([
    ...accounts.flatMap((account) => account.pushKeys),
    ...pushKeysOfEnvironment(environment),
  ]);
}

/** Sorts push keys: a domain's own keys come before those for every domain. */
export function sortPushKeys(keys: readonly PushKey[]): PushKey[] {
  return [...keys.filter((key) => key.domain !== '*'), ...keys.filter((key) => key.domain === '*')];
}
