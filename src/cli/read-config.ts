import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { AlertSettings } from '../alerts/alert-settings.ts';
import type { QuietSource } from '../alerts/parse-quiet-times.ts';
import type { PushKey } from '../css/push-url.ts';
import type { Account } from '../engine/account.ts';
import { KEEP_DAYS } from '../engine/retention/keep-days.ts';
import { BreakwatchError } from '../model/errors.ts';
import { parseSenders } from '../server/callback-senders.ts';
import { readAlertSettings } from './read-alert-settings.ts';

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
  quiet?: QuietSource;
  /** Ways out of alerts; undefined for Grafana's alone. */
  alerts?: AlertSettings;
  /** Addresses of proxies whose X-Forwarded-For is believed; none when absent. */
  trustProxy?: string[];
  accounts: Account[];
}

const DAY_MS = 86_400_000;
const MAX_BACKFILL_DAYS = 60;
const MOST_KEEP_DAYS = 36_500;
const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

function bad(problem: string): never {
  throw new BreakwatchError('BAD_CONFIG', { problem });
}

/**
 * Reads the configuration from the environment and, if there is one, from `breakwatch.yaml`
 * (BREAKWATCH_CONFIG names another file). An account given by the environment is called `default`.
 *
 * @throws BAD_CONFIG naming the setting
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const file = readFile(environment);
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
    quiet: file.quiet,
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
  if (!/^\d+$/.test(text) || days > MOST_KEEP_DAYS) {
    bad(
      `BREAKWATCH_KEEP_DAYS is ${JSON.stringify(text)}, which is no whole number of days (1 to ${MOST_KEEP_DAYS}, or 0 to keep all).`,
    );
  }
  return days;
}

/** What `breakwatch.yaml` holds, its accounts not yet read. */
interface ConfigFile {
  accounts?: unknown[];
  directory?: string;
  quiet?: QuietSource;
  alerts?: unknown;
  trustProxy?: string[];
}

const FILE_KEYS = ['accounts', 'alerts', 'directory', 'quiet', 'trustProxy'];

function readFile(environment: NodeJS.ProcessEnv): ConfigFile {
  const named = environment.BREAKWATCH_CONFIG;
  const path = resolve(named || 'breakwatch.yaml');
  if (!existsSync(path)) {
    if (named) {
      bad(`BREAKWATCH_CONFIG names ${path}, which does not exist.`);
    }
    return {};
  }
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    bad(`${path}: ${(thrown as Error).message}`);
  }
  if (content === null || content === undefined) {
    return {};
  }
  if (typeof content !== 'object' || Array.isArray(content)) {
    bad(`${path} has no settings; it should begin with "accounts:".`);
  }
  for (const key of Object.keys(content)) {
    if (!FILE_KEYS.includes(key)) {
      bad(`${path}: "${key}" is no setting (known: ${FILE_KEYS.join(', ')}).`);
    }
  }
  const { accounts, alerts, directory, quiet, trustProxy } = content as Record<string, unknown>;
  if (accounts !== undefined && !Array.isArray(accounts)) {
    bad(`${path}: accounts is no list.`);
  }
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    bad(`${path}: directory is no file name.`);
  }
  return {
    accounts: accounts as unknown[] | undefined,
    alerts,
    // Beside the file that names it, wherever the process was started.
    directory: directory === undefined ? undefined : resolve(dirname(path), directory),
    quiet: quietSource(quiet, path),
    trustProxy: addresses(trustProxy, `${path}: trustProxy`),
  };
}

/** A section of the file itself, or the name of one beside it; what it holds is read by its watch. */
function quietSource(value: unknown, path: string): QuietSource | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value === 'string') {
    return { file: resolve(dirname(path), value), isSection: false };
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    bad(`${path}: quiet is neither a file name nor has it maintenance and expected.`);
  }
  return { file: path, isSection: true };
}

function accountOfEnvironment(environment: NodeJS.ProcessEnv): Account | undefined {
  const secretId = environment.TENCENTCLOUD_SECRET_ID;
  const secretKey = environment.TENCENTCLOUD_SECRET_KEY;
  const callbackKey = environment.BREAKWATCH_CALLBACK_KEY;
  if (!secretId && !secretKey && !callbackKey) {
    return undefined;
  }
  return readAccount(
    {
      name: 'default',
      site: environment.BREAKWATCH_SITE || undefined,
      endpoint: environment.BREAKWATCH_API_ENDPOINT || undefined,
      secretId: secretId || undefined,
      secretKey: secretKey || undefined,
      callbackKeys: callbackKey ? callbackKey.split(',').map((key) => key.trim()) : undefined,
      callbackFrom: commaList(environment.BREAKWATCH_CALLBACK_FROM),
      pushKeys: pushKeysOfEnvironment(environment),
      bizid: environment.BREAKWATCH_BIZID || undefined,
      actions: onOff(environment.BREAKWATCH_ACTIONS),
      backfillDays: environment.BREAKWATCH_BACKFILL_DAYS
        ? Number(environment.BREAKWATCH_BACKFILL_DAYS)
        : undefined,
      pollSeconds: environment.BREAKWATCH_POLL_SECONDS
        ? Number(environment.BREAKWATCH_POLL_SECONDS)
        : undefined,
    },
    'the account given by environment',
    environment,
  );
}

/** Keys of BREAKWATCH_PUSH_KEY (primary, then backup), for every domain. */
export function pushKeysOfEnvironment(environment: NodeJS.ProcessEnv): PushKey[] {
  return (environment.BREAKWATCH_PUSH_KEY ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
    .map((key) => ({ domain: '*', key }));
}

const ACCOUNT_KEYS = [
  'name',
  'site',
  'endpoint',
  'secretId',
  'secretKey',
  'callbackKeys',
  'callbackFrom',
  'pushKeys',
  'bizid',
  'actions',
  'backfillDays',
  'pollSeconds',
];

function readAccount(entry: unknown, where: string, environment: NodeJS.ProcessEnv): Account {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    bad(`${where} is no account; it should have name, secretId and secretKey or callbackKeys.`);
  }
  const given = entry as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!ACCOUNT_KEYS.includes(key)) {
      bad(`${where}: "${key}" is no setting (known: ${ACCOUNT_KEYS.join(', ')}).`);
    }
  }
  const text = (key: string): string | undefined => {
    const value = given[key];
    if (value === undefined || value === null) {
      return undefined;
    }
    if (typeof value !== 'string' || value === '') {
      bad(`${where}: ${key} is no text.`);
    }
    return expand(value, `${where}: ${key}`, environment);
  };
  const number = (key: string, fallback: number, low: number, high: number): number => {
    const value = given[key] ?? fallback;
    if (typeof value !== 'number' || !(value >= low && value <= high)) {
      bad(`${where}: ${key} is no number from ${low} to ${high}.`);
    }
    return value;
  };
  const name = text('name');
  if (!name || !ACCOUNT_NAME.test(name)) {
    bad(`${where}: name is needed, of letters, digits, - and _.`);
  }
  const site = text('site') ?? 'cn';
  if (site !== 'cn' && site !== 'intl') {
    bad(`${where}: site (BREAKWATCH_SITE) is ${JSON.stringify(site)}; it is cn or intl.`);
  }
  const secretId = text('secretId');
  const secretKey = text('secretKey');
  if (!secretId !== !secretKey) {
    bad(
      `${where}: ${secretId ? 'secretKey (TENCENTCLOUD_SECRET_KEY)' : 'secretId (TENCENTCLOUD_SECRET_ID)'} is missing; both belong together.`,
    );
  }
  const callbackKeys = list(given.callbackKeys, `${where}: callbackKeys`).map((key) => {
    if (typeof key !== 'string' || key === '') {
      bad(`${where}: callbackKeys holds something that is no text.`);
    }
    return expand(key, `${where}: callbackKeys`, environment);
  });
  if (!secretId && callbackKeys.length === 0) {
    bad(`${where}: give secretId and secretKey, or callbackKeys, or both.`);
  }
  return {
    name,
    site,
    endpoint: endpoint(text('endpoint'), where),
    credentials: secretId && secretKey ? { secretId, secretKey } : undefined,
    callbackKeys,
    callbackFrom: addresses(given.callbackFrom, `${where}: callbackFrom`),
    pushKeys: list(given.pushKeys, `${where}: pushKeys`).map((entry) => {
      const { domain, key } = (entry ?? {}) as Record<string, unknown>;
      if (typeof domain !== 'string' || typeof key !== 'string') {
        bad(`${where}: each of pushKeys has a domain and a key.`);
      }
      return { domain, key: expand(key, `${where}: pushKeys`, environment) };
    }),
    bizid: bizid(given.bizid, where),
    actions: actions(given.actions, where, secretId !== undefined),
    backfillMs: number('backfillDays', 1, 0, MAX_BACKFILL_DAYS) * DAY_MS,
    pollSeconds: number('pollSeconds', 10, 1, 59),
  };
}

function commaList(text: string | undefined): string[] | undefined {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return text ? parts.filter((part) => part !== '') : undefined;
}

/** Addresses and ranges; an empty list would let nobody in and is a mistake. */
function addresses(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const given = list(value, where).map(String);
  if (given.length === 0) {
    bad(`${where} is empty; leave it away, or name addresses such as 203.0.113.0/24.`);
  }
  try {
    parseSenders(given);
  } catch (thrown) {
    bad(`${where}: ${String((thrown as BreakwatchError).details.problem)}`);
  }
  return given;
}

function onOff(text: string | undefined): boolean | undefined {
  if (!text || text === '0' || text === 'false') {
    return undefined;
  }
  if (text !== '1' && text !== 'true') {
    bad(`BREAKWATCH_ACTIONS is ${JSON.stringify(text)}; it is 1 or 0.`);
  }
  return true;
}

function actions(value: unknown, where: string, hasKeys: boolean): boolean {
  if (value !== undefined && value !== null && typeof value !== 'boolean') {
    bad(`${where}: actions is true or false.`);
  }
  if (value && !hasKeys) {
    bad(`${where}: actions (BREAKWATCH_ACTIONS) needs secretId and secretKey.`);
  }
  return value === true;
}

/** YAML reads digits as a number. */
function bizid(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (!['string', 'number'].includes(typeof value) || !/^\w{1,32}$/.test(String(value))) {
    bad(`${where}: bizid (BREAKWATCH_BIZID) is no number as the CSS console shows it.`);
  }
  return String(value);
}

function list(value: unknown, where: string): unknown[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    bad(`${where} is no list.`);
  }
  return value;
}

function endpoint(url: string | undefined, where: string): string | undefined {
  if (url === undefined) {
    return undefined;
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    bad(`${where}: endpoint (BREAKWATCH_API_ENDPOINT) is no http or https URL.`);
  }
  return url;
}

/** `${NAME}` in the file stands for an environment variable, so that secrets stay out of it. */
function expand(text: string, where: string, environment: NodeJS.ProcessEnv): string {
  return text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = environment[name];
    if (!value) {
      bad(`${where} uses \${${name}}, which is not set in the environment.`);
    }
    return value;
  });
}
