import {
  type AlertmanagerSettings,
  type AlertSettings,
  type ChannelFilter,
  WEBHOOK_FORMATS,
  type WebhookFormat,
  type WebhookSettings,
} from '../../alerts/alert-settings.ts';
import { isTimeZone } from '../../model/time.ts';
import { CATEGORIES, isOneOf, LANGUAGES, SEVERITIES } from '../../model/vocabulary.ts';
import { bad, rejectUnknown } from './setting-values.ts';

/** Replaces environment variables in a text. @throws `BAD_CONFIG` naming a variable that is not set */
export type Expand = (text: string, where: string) => string;

const HOUR_MS = 3_600_000;
const CHANNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

const ALERTMANAGER = 'alertmanager';
/** The type `webhook` sends JSON to a program; the other types send the format of a chat. */
const WEBHOOK_TYPES = WEBHOOK_FORMATS.map((format) => (format === 'json' ? 'webhook' : format));
const CHANNEL_TYPES = [ALERTMANAGER, ...WEBHOOK_TYPES];

/** The settings without a section `alerts`: only a Grafana rule notifies. */
export const NO_ALERT_SETTINGS: AlertSettings = {
  publicUrl: null,
  grafana: true,
  giveUpMs: 24 * HOUR_MS,
  alertmanager: null,
  webhooks: [],
};

/**
 * Reads the section `alerts` of breakwatch.yaml.
 *
 * @throws `BAD_CONFIG` naming the setting, and never a value that may be a secret
 */
export function readAlertSettings(given: unknown, expand: Expand): AlertSettings {
  if (given === undefined || given === null) {
    return NO_ALERT_SETTINGS;
  }
  const section = openSection(given, 'alerts', expand, [
    'publicUrl',
    'timeZone',
    'grafanaAlerting',
    'retryHours',
    'channels',
  ]);
  const publicUrl = section.text('publicUrl');
  const timeZone = readTimeZone(section, undefined);
  const channels = section
    .list('channels')
    .map((entry, index) => readChannel(entry, `alerts: channels[${index}]`, expand, timeZone));
  const names = channels.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    bad(`alerts: two channels have the name ${twice}.`);
  }
  const alertmanagers = channels.flatMap(({ alertmanager }) => alertmanager ?? []);
  if (alertmanagers.length > 1) {
    bad(`alerts: only one channel may have the type ${ALERTMANAGER}. List its members under urls.`);
  }
  return {
    publicUrl: publicUrl === null ? null : httpUrl(publicUrl, 'alerts: publicUrl'),
    grafana: section.flag('grafanaAlerting', true),
    giveUpMs: section.number('retryHours', 24, 0.1, 720) * HOUR_MS,
    alertmanager: alertmanagers[0] ?? null,
    webhooks: channels.flatMap(({ webhook }) => webhook ?? []),
  };
}

/** One entry of `channels`, which is one or the other. */
interface Channel {
  name: string;
  alertmanager?: AlertmanagerSettings;
  webhook?: WebhookSettings;
}

function readChannel(
  given: unknown,
  where: string,
  expand: Expand,
  defaultZone: string | undefined,
): Channel {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    bad(`${where} is not a channel. It needs a name and a type.`);
  }
  const { type } = given as Record<string, unknown>;
  if (typeof type !== 'string' || !CHANNEL_TYPES.includes(type)) {
    bad(`${where}: type must be one of ${CHANNEL_TYPES.join(', ')}.`);
  }
  if (type === ALERTMANAGER) {
    const alertmanager = readAlertmanager(given, where, expand, defaultZone);
    return { name: alertmanager.name, alertmanager };
  }
  const format = type === 'webhook' ? 'json' : (type as WebhookFormat);
  const webhook = readWebhook(given, where, format, expand, defaultZone);
  return { name: webhook.name, webhook };
}

function readAlertmanager(
  given: object,
  where: string,
  expand: Expand,
  defaultZone: string | undefined,
): AlertmanagerSettings {
  const section = openSection(given, where, expand, [
    ...COMMON_KEYS,
    'urls',
    'username',
    'password',
    'bearerToken',
    'labels',
    'resendSeconds',
    'sendInhibited',
  ]);
  const urls = section.texts('urls').map((url) => httpUrl(url, `${where}: urls`));
  if (urls.length === 0) {
    bad(`${where}: urls is missing. List the addresses of the Alertmanager.`);
  }
  const [username, password, token] = ['username', 'password', 'bearerToken'].map(section.text);
  if ((username === null) !== (password === null) || (username && token)) {
    bad(`${where}: set username and password, or bearerToken, or none of them.`);
  }
  const timeZone = readTimeZone(section, defaultZone);
  const resendMs = section.number('resendSeconds', 60, 1, 3_600) * 1_000;
  return {
    name: readName(section),
    urls,
    authorization: token
      ? `Bearer ${token}`
      : username
        ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
        : null,
    language: section.choice('language', LANGUAGES, 'en'),
    ...(timeZone === undefined ? {} : { timeZone }),
    labels: readLabels(section.given.labels, `${where}: labels`, expand),
    resendMs,
    // As in Prometheus: three repeats may be lost before an alert ends without a resolve.
    endAfterMs: resendMs * 4,
    sendInhibited: section.flag('sendInhibited', false),
    filter: readFilter(section),
  };
}

function readWebhook(
  given: object,
  where: string,
  format: WebhookFormat,
  expand: Expand,
  defaultZone: string | undefined,
): WebhookSettings {
  const section = openSection(given, where, expand, [
    ...COMMON_KEYS,
    'url',
    'secret',
    'secrets',
    'mentions',
    'sendUpdates',
    'allowDuplicates',
  ]);
  const url = section.text('url');
  if (!url) {
    bad(`${where}: url is missing.`);
  }
  const secret = section.text('secret');
  const timeZone = readTimeZone(section, defaultZone);
  return {
    name: readName(section),
    url: httpUrl(url, `${where}: url`, true),
    format,
    secrets: [...(secret === null ? [] : [secret]), ...section.texts('secrets')],
    language: section.choice('language', LANGUAGES, 'en'),
    ...(timeZone === undefined ? {} : { timeZone }),
    mention: section.texts('mentions'),
    updates: section.flag('sendUpdates', true),
    copy: section.flag('allowDuplicates', false),
    filter: readFilter(section),
  };
}

/** Settings of every type of channel. */
const COMMON_KEYS = [
  'name',
  'type',
  'language',
  'timeZone',
  'accounts',
  'categories',
  'severities',
];

function readName(section: Section): string {
  const name = section.text('name');
  if (!name || !CHANNEL_NAME.test(name)) {
    bad(
      `${section.where}: name is missing, or has characters other than letters, digits, - and _.`,
    );
  }
  return name;
}

function readTimeZone(section: Section, defaultValue: string | undefined): string | undefined {
  const timeZone = section.text('timeZone') ?? defaultValue;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    bad(`${section.where}: timeZone must be a time zone such as Asia/Shanghai, not "${timeZone}".`);
  }
  return timeZone;
}

function readFilter(section: Section): ChannelFilter {
  const among = <T extends string>(name: string, known: readonly T[]): T[] =>
    section.texts(name).map((value) => {
      if (!isOneOf(known, value)) {
        bad(
          `${section.where}: ${name} has an unknown value "${value}" (known: ${known.join(', ')}).`,
        );
      }
      return value;
    });
  return {
    accounts: section.texts('accounts'),
    categories: among('categories', CATEGORIES),
    severities: among('severities', SEVERITIES),
  };
}

function readLabels(given: unknown, where: string, expand: Expand): Record<string, string> {
  if (given === undefined || given === null) {
    return {};
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    bad(`${where} must be names with values.`);
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!LABEL_NAME.test(name)) {
        bad(`${where}: "${name}" is not a label name (letters, digits and _).`);
      }
      return [name, expand(String(value), `${where}: ${name}`)];
    }),
  );
}

/** One section of the file, with functions that read its values. */
interface Section {
  /** Names the section in errors. */
  where: string;
  given: Record<string, unknown>;
  text(name: string): string | null;
  texts(name: string): string[];
  list(name: string): unknown[];
  flag(name: string, defaultValue: boolean): boolean;
  number(name: string, defaultValue: number, min: number, max: number): number;
  choice<T extends string>(name: string, known: readonly T[], defaultValue: T): T;
}

function openSection(
  value: unknown,
  where: string,
  expand: Expand,
  known: readonly string[],
): Section {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    bad(`${where} must have settings (known: ${known.join(', ')}).`);
  }
  const given = value as Record<string, unknown>;
  rejectUnknown(given, known, where);
  const textOf = (text: unknown, name: string): string => {
    if (typeof text !== 'string' || text === '') {
      bad(`${where}: ${name} must be a string.`);
    }
    return expand(text, `${where}: ${name}`);
  };
  const isAbsent = (name: string) => given[name] === undefined || given[name] === null;
  const section: Section = {
    where,
    given,
    text: (name) => (isAbsent(name) ? null : textOf(given[name], name)),
    texts: (name) => section.list(name).map((text) => textOf(text, name)),
    list(name) {
      const list = given[name];
      if (!isAbsent(name) && !Array.isArray(list)) {
        bad(`${where}: ${name} must be a list.`);
      }
      return isAbsent(name) ? [] : (list as unknown[]);
    },
    flag(name, defaultValue) {
      const flag = given[name];
      if (!isAbsent(name) && typeof flag !== 'boolean') {
        bad(`${where}: ${name} must be true or false.`);
      }
      return isAbsent(name) ? defaultValue : (flag as boolean);
    },
    number(name, defaultValue, min, max) {
      const number = isAbsent(name) ? defaultValue : given[name];
      if (typeof number !== 'number' || !(number >= min && number <= max)) {
        bad(`${where}: ${name} must be a number from ${min} to ${max}.`);
      }
      return number;
    },
    choice(name, choices, defaultValue) {
      const value = section.text(name);
      if (value !== null && !isOneOf(choices, value)) {
        bad(`${where}: ${name} must be one of ${choices.join(', ')}.`);
      }
      return value ?? defaultValue;
    },
  };
  return section;
}

/**
 * Checks an http or https URL and removes a slash at its end. The error does not repeat the URL,
 * because it may be a secret.
 */
function httpUrl(text: string, where: string, keepAsWritten = false): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    bad(`${where} must be an http or https URL.`);
  }
  if (url.username || url.password) {
    bad(`${where} must not contain a user name or password.`);
  }
  return keepAsWritten ? text : `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
