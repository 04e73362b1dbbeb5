import type {
  AlertmanagerSettings,
  AlertSettings,
  ChannelFilter,
  WebhookSettings,
} from '../../alerts/alert-settings.ts';
import { ALERTMANAGER } from '../../alerts/channels/alertmanager/alertmanager-channel.ts';
import { WEBHOOK_FORMATS } from '../../alerts/channels/webhook/webhook-formats.ts';
import { CATEGORIES, isOneOf, LANGUAGES, SEVERITIES } from '../../model/vocabulary.ts';
import { isTimeZone } from '../../model/zoned-time.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** Puts variables of the environment into a text. @throws `BAD_CONFIG` naming what is not set */
export type Expand = (text: string, where: string) => string;

const HOUR_MS = 3_600_000;
const CHANNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What is in force without any `alerts:`; Grafana's rule is the way out then. */
export const NO_ALERT_SETTINGS: AlertSettings = {
  publicUrl: null,
  grafana: true,
  giveUpMs: 24 * HOUR_MS,
  alertmanager: null,
  webhooks: [],
};

/**
 * Reads the part `alerts` of breakwatch.yaml.
 *
 * @throws `BAD_CONFIG` naming the setting, and never a value that may be a secret
 */
export function readAlertSettings(given: unknown, expand: Expand): AlertSettings {
  if (given === undefined || given === null) {
    return NO_ALERT_SETTINGS;
  }
  const part = open(given, 'alerts', expand, [
    'publicUrl',
    'timeZone',
    'grafana',
    'giveUpHours',
    'alertmanager',
    'webhooks',
  ]);
  const publicUrl = part.text('publicUrl');
  const timeZone = readTimeZone(part, 'alerts', undefined);
  const webhooks = part
    .list('webhooks')
    .map((entry, index) => readWebhook(entry, index, expand, timeZone));
  const names = [ALERTMANAGER, ...webhooks.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) {
    bad(`alerts: two ways out are named ${twice}.`);
  }
  return {
    publicUrl: publicUrl === null ? null : httpUrl(publicUrl, 'alerts: publicUrl'),
    grafana: part.flag('grafana', true),
    giveUpMs: part.number('giveUpHours', 24, 0.1, 720) * HOUR_MS,
    alertmanager:
      part.given.alertmanager === undefined || part.given.alertmanager === null
        ? null
        : readAlertmanager(part.given.alertmanager, expand, timeZone),
    webhooks,
  };
}

function readAlertmanager(
  given: unknown,
  expand: Expand,
  defaultZone: string | undefined,
): AlertmanagerSettings {
  const where = 'alerts: alertmanager';
  const part = open(given, where, expand, [
    'urls',
    'username',
    'password',
    'bearerToken',
    'language',
    'timeZone',
    'labels',
    'resendSeconds',
    'inhibited',
    ...FILTER_KEYS,
  ]);
  const urls = part.texts('urls').map((url) => httpUrl(url, `${where}: urls`));
  if (urls.length === 0) {
    bad(`${where}: urls is needed, with one address of an Alertmanager or several.`);
  }
  const [username, password, token] = ['username', 'password', 'bearerToken'].map(part.text);
  if ((username === null) !== (password === null) || (username && token)) {
    bad(`${where}: give username and password, or bearerToken, or neither.`);
  }
  const inhibited = part.choice('inhibited', ['omit', 'send'] as const, 'omit');
  const timeZone = readTimeZone(part, where, defaultZone);
  const resendMs = part.number('resendSeconds', 60, 1, 3_600) * 1_000;
  return {
    urls,
    authorization: token
      ? `Bearer ${token}`
      : username
        ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
        : null,
    language: part.choice('language', LANGUAGES, 'en'),
    ...(timeZone === undefined ? {} : { timeZone }),
    labels: readLabels(part.given.labels, `${where}: labels`, expand),
    resendMs,
    // As Prometheus does: three sendings may be lost before an alert ends by itself.
    endAfterMs: resendMs * 4,
    sendInhibited: inhibited === 'send',
    filter: readFilter(part, where),
  };
}

function readWebhook(
  given: unknown,
  index: number,
  expand: Expand,
  defaultZone: string | undefined,
): WebhookSettings {
  const where = `alerts: webhooks[${index}]`;
  const part = open(given, where, expand, [
    'name',
    'url',
    'format',
    'secret',
    'secrets',
    'language',
    'timeZone',
    'mention',
    'updates',
    'copy',
    ...FILTER_KEYS,
  ]);
  const name = part.text('name');
  if (!name || !CHANNEL_NAME.test(name)) {
    bad(`${where}: name is needed, of letters, digits, - and _.`);
  }
  const url = part.text('url');
  if (!url) {
    bad(`${where}: url is needed.`);
  }
  const secret = part.text('secret');
  const timeZone = readTimeZone(part, where, defaultZone);
  return {
    name,
    url: httpUrl(url, `${where}: url`, true),
    format: part.choice('format', WEBHOOK_FORMATS, 'json'),
    secrets: [...(secret === null ? [] : [secret]), ...part.texts('secrets')],
    language: part.choice('language', LANGUAGES, 'en'),
    ...(timeZone === undefined ? {} : { timeZone }),
    mention: part.texts('mention'),
    updates: part.flag('updates', true),
    copy: part.flag('copy', false),
    filter: readFilter(part, where),
  };
}

const FILTER_KEYS = ['accounts', 'categories', 'severities'] as const;

function readTimeZone(
  part: Part,
  where: string,
  defaultValue: string | undefined,
): string | undefined {
  const timeZone = part.text('timeZone') ?? defaultValue;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    bad(`${where}: timeZone is "${timeZone}", which is no time zone such as Asia/Shanghai.`);
  }
  return timeZone;
}

function readFilter(part: Part, where: string): ChannelFilter {
  const among = <T extends string>(name: string, known: readonly T[]): T[] =>
    part.texts(name).map((value) => {
      if (!isOneOf(known, value)) {
        bad(`${where}: ${name} holds "${value}" (known: ${known.join(', ')}).`);
      }
      return value;
    });
  return {
    accounts: part.texts('accounts'),
    categories: among('categories', CATEGORIES),
    severities: among('severities', SEVERITIES),
  };
}

function readLabels(given: unknown, where: string, expand: Expand): Record<string, string> {
  if (given === undefined || given === null) {
    return {};
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    bad(`${where} is no list of names and values.`);
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!LABEL_NAME.test(name)) {
        bad(`${where}: "${name}" is no name of a label (letters, digits and _).`);
      }
      return [name, expand(String(value), `${where}: ${name}`)];
    }),
  );
}

/** One map of the file, and reading of its values. */
interface Part {
  given: Record<string, unknown>;
  text(name: string): string | null;
  texts(name: string): string[];
  list(name: string): unknown[];
  flag(name: string, defaultValue: boolean): boolean;
  number(name: string, defaultValue: number, low: number, high: number): number;
  choice<T extends string>(name: string, known: readonly T[], defaultValue: T): T;
}

function open(value: unknown, where: string, expand: Expand, known: readonly string[]): Part {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    bad(`${where} has no settings (known: ${known.join(', ')}).`);
  }
  const given = value as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      bad(`${where}: "${key}" is no setting (known: ${known.join(', ')}).`);
    }
  }
  const textOf = (text: unknown, name: string): string => {
    if (typeof text !== 'string' || text === '') {
      bad(`${where}: ${name} is no text.`);
    }
    return expand(text, `${where}: ${name}`);
  };
  const isAbsent = (name: string) => given[name] === undefined || given[name] === null;
  const part: Part = {
    given,
    text: (name) => (isAbsent(name) ? null : textOf(given[name], name)),
    texts: (name) => part.list(name).map((text) => textOf(text, name)),
    list(name) {
      const list = given[name];
      if (!isAbsent(name) && !Array.isArray(list)) {
        bad(`${where}: ${name} is no list.`);
      }
      return isAbsent(name) ? [] : (list as unknown[]);
    },
    flag(name, defaultValue) {
      const flag = given[name];
      if (!isAbsent(name) && typeof flag !== 'boolean') {
        bad(`${where}: ${name} is true or false.`);
      }
      return isAbsent(name) ? defaultValue : (flag as boolean);
    },
    number(name, defaultValue, low, high) {
      const number = isAbsent(name) ? defaultValue : given[name];
      if (typeof number !== 'number' || !(number >= low && number <= high)) {
        bad(`${where}: ${name} is no number from ${low} to ${high}.`);
      }
      return number;
    },
    choice(name, choices, defaultValue) {
      const value = part.text(name);
      if (value !== null && !isOneOf(choices, value)) {
        bad(`${where}: ${name} is one of ${choices.join(', ')}.`);
      }
      return value ?? defaultValue;
    },
  };
  return part;
}

/** The address without a slash at its end. It is not named when it is wrong, as it may be a secret. */
function httpUrl(text: string, where: string, asItIs = false): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    bad(`${where} is no http or https URL.`);
  }
  if (url.username || url.password) {
    bad(`${where} must not hold a user or password.`);
  }
  return asItIs ? text : `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function bad(problem: string): never {
  throw maskedError('BAD_CONFIG', { problem });
}
