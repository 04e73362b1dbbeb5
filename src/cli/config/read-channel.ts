import type {
  AlertmanagerSettings,
  ChannelFilter,
  WebhookSettings,
} from '../../alerts/alert-settings.ts';
import type { ChannelEntry } from '../../contract/settings.ts';
import { isTimeZone } from '../../model/time.ts';
import { bad, type Expand, httpUrl, rejectUnknown } from './setting-values.ts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Settings of every type of channel. */
const COMMON_KEYS = [
  ...['name', 'type', 'language', 'timeZone', 'accounts', 'categories', 'severities'],
];
const ALERTMANAGER_KEYS = [
  ...[...COMMON_KEYS, 'urls', 'username', 'password', 'bearerToken', 'labels'],
  ...['resendSeconds', 'sendInhibited'],
];
const WEBHOOK_KEYS = [
  ...[...COMMON_KEYS, 'url', 'secret', 'secrets', 'mentions', 'sendUpdates', 'allowDuplicates'],
];

/** One entry of `channels`. It has exactly one of the two settings. */
export interface Channel {
  name: string;
  alertmanager?: AlertmanagerSettings;
  webhook?: WebhookSettings;
}

/**
 * Reads one entry of `channels` in `breakwatch.yaml`, which the schema has checked.
 *
 * @param where - names the entry in errors
 * @param defaultZone - time zone of a channel without its own
 * @throws `BAD_CONFIG` naming the setting
 */
export function readChannel(
  entry: ChannelEntry,
  where: string,
  expand: Expand,
  defaultZone: string | undefined,
): Channel {
  const { name, type } = entry;
  const common = {
    name,
    language: entry.language ?? 'en',
    ...zoneOf(entry.timeZone, where, expand, defaultZone),
    filter: readFilter(entry, where, expand),
  };
  if (type === 'alertmanager') {
    rejectUnknown(entry, ALERTMANAGER_KEYS, where);
    return { name, alertmanager: { ...common, ...readAlertmanager(entry, where, expand) } };
  }
  rejectUnknown(entry, WEBHOOK_KEYS, where);
  // The type `webhook` sends JSON to a program. The other types send the format of a chat.
  const format = type === 'webhook' ? 'json' : type;
  return { name, webhook: { ...common, format, ...readWebhook(entry, where, expand) } };
}

/** Settings of an Alertmanager, without those of every channel. */
type OwnOf<S> = Omit<S, 'name' | 'language' | 'timeZone' | 'filter' | 'format'>;

function readAlertmanager(
  entry: ChannelEntry,
  where: string,
  expand: Expand,
): OwnOf<AlertmanagerSettings> {
  const text = (name: 'username' | 'password' | 'bearerToken') =>
    entry[name] === undefined ? undefined : expand(entry[name], `${where}: ${name}`);
  const urls = (entry.urls ?? []).map((url) =>
    httpUrl(expand(url, `${where}: urls`), `${where}: urls`),
  );
  if (urls.length === 0) {
    bad(`${where}: urls is missing. List the addresses of the Alertmanager.`);
  }
  const [username, password, token] = [text('username'), text('password'), text('bearerToken')];
  if ((username === undefined) !== (password === undefined) || (username && token)) {
    bad(`${where}: set username and password, or bearerToken, or none of them.`);
  }
  const resendMs = (entry.resendSeconds ?? 60) * 1_000;
  return {
    urls,
    authorization: token
      ? `Bearer ${token}`
      : username
        ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
        : null,
    labels: readLabels(entry.labels ?? {}, `${where}: labels`, expand),
    resendMs,
    // As in Prometheus: three repeats may be lost before an alert ends without a resolve.
    endAfterMs: resendMs * 4,
    sendInhibited: entry.sendInhibited ?? false,
  };
}

function readWebhook(entry: ChannelEntry, where: string, expand: Expand): OwnOf<WebhookSettings> {
  if (entry.url === undefined) {
    bad(`${where}: url is missing.`);
  }
  const secret = entry.secret === undefined ? [] : [expand(entry.secret, `${where}: secret`)];
  return {
    url: httpUrl(expand(entry.url, `${where}: url`), `${where}: url`, true),
    secrets: [...secret, ...texts(entry.secrets, `${where}: secrets`, expand)],
    mention: texts(entry.mentions, `${where}: mentions`, expand),
    updates: entry.sendUpdates ?? true,
    copy: entry.allowDuplicates ?? false,
  };
}

function texts(given: readonly string[] | undefined, where: string, expand: Expand): string[] {
  return (given ?? []).map((text) => expand(text, where));
}

function readFilter(entry: ChannelEntry, where: string, expand: Expand): ChannelFilter {
  return {
    accounts: texts(entry.accounts, `${where}: accounts`, expand),
    categories: entry.categories ?? [],
    severities: entry.severities ?? [],
  };
}

function readLabels(
  given: NonNullable<ChannelEntry['labels']>,
  where: string,
  expand: Expand,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (!LABEL_NAME.test(name)) {
        bad(`${where}: "${name}" is not a label name (letters, digits and _).`);
      }
      return [name, expand(String(value), `${where}: ${name}`)];
    }),
  );
}

/**
 * Reads a time zone. Returns an empty object when neither is set.
 *
 * @throws `BAD_CONFIG` when it is not an IANA time zone
 */
export function zoneOf(
  given: string | undefined,
  where: string,
  expand: Expand,
  defaultZone?: string,
): { timeZone?: string } {
  const timeZone = given === undefined ? defaultZone : expand(given, `${where}: timeZone`);
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    bad(`${where}: timeZone must be a time zone such as Asia/Shanghai, not "${timeZone}".`);
  }
  return timeZone === undefined ? {} : { timeZone };
}
