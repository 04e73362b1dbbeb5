import { resolve } from 'node:path';
import type { AlertSettings } from '../../alerts/alert-settings.ts';
import type { MuteSource } from '../../alerts/parse-mute-intervals.ts';
import type { Account } from '../../engine/account.ts';
import { KEEP_DAYS } from '../../engine/retention/keep-days.ts';
import { accountOfEnvironment } from './account-of-environment.ts';
import { readAccount } from './read-account.ts';
import { readAlertSettings } from './read-alert-settings.ts';
import { readConfigFile } from './read-config-file.ts';
import { addresses, bad, commaList, expand } from './setting-values.ts';

/** All settings of `breakwatch serve`. */
export interface Config {
  host: string;
  port: number;
  dataFolder: string;
  /** Days that are kept; 0 for ever, 400 when absent. */
  keepDays?: number;
  token: string | undefined;
  /** A team's own rules, laid over the shipped ones; undefined for the shipped ones alone. */
  rulesFolder: string | undefined;
  /** CSV file that names streams by room and user; undefined when there is none. */
  directoryFile?: string;
  /** Where maintenance windows and schedules are written; undefined when nowhere. */
  mute?: MuteSource;
  /** Ways out of alerts; undefined for Grafana's alone. */
  alerts?: AlertSettings;
  /** Addresses of proxies whose X-Forwarded-For is believed; none when absent. */
  trustProxy?: string[];
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
    bad(`two accounts are named ${twice}.`);
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
    bad(`BREAKWATCH_PORT is ${JSON.stringify(text)}, which is no port number (0 to 65535).`);
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
      `BREAKWATCH_KEEP_DAYS is ${JSON.stringify(text)}, which is no whole number of days (1 to ${MAX_KEEP_DAYS}, or 0 to keep all).`,
    );
  }
  return days;
}
