import Type, { type Static } from 'typebox';
import { CATEGORIES, LANGUAGES, ROLES, SEVERITIES } from '../model/vocabulary.ts';
import { object, oneOf } from './schema.ts';

/** Pattern of names that appear in labels and URLs. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$';

const Name = Type.String({
  pattern: NAME_PATTERN,
  description: 'letters, digits, - and _',
});
/** `${NAME}` in a text is replaced with an environment variable, so that the file needs no secrets. */
const Text = Type.String({ minLength: 1 });
const Texts = Type.Array(Text);

function text(description: string) {
  return Type.Optional(Type.String({ minLength: 1, description }));
}

/** One account of `breakwatch.yaml`. */
const AccountSettings = object(
  {
    name: Name,
    site: Type.Optional(
      Type.String({ pattern: '^(cn|intl|\\$\\{\\w+\\})$', description: 'cn or intl' }),
    ),
    endpoint: text('Another base URL of the API, e.g. of a simulator.'),
    secretId: text('SecretId of a CAM user that may read CSS.'),
    secretKey: text('SecretKey of that user.'),
    callbackKeys: Type.Optional(Texts),
    callbackFrom: Type.Optional(Texts),
    pushKeys: Type.Optional(Type.Array(object({ domain: Text, key: Text }))),
    bizid: Type.Optional(Type.Union([Type.String(), Type.Number()])),
    actions: Type.Optional(Type.Boolean()),
    backfillDays: Type.Optional(Type.Number({ minimum: 0, maximum: 60 })),
    pollSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 59 })),
  },
  'Account',
);

const timeZone = text('IANA time zone such as Asia/Shanghai.');

/**
 * A notification channel of `breakwatch.yaml`, with the settings of all types. The code that reads the
 * channel checks which of them its type allows.
 */
const ChannelSettings = object(
  {
    name: Name,
    type: oneOf(['alertmanager', 'webhook', 'slack', 'wecom', 'feishu', 'dingtalk']),
    language: Type.Optional(oneOf(LANGUAGES)),
    timeZone,
    accounts: Type.Optional(Texts),
    categories: Type.Optional(Type.Array(oneOf(CATEGORIES))),
    severities: Type.Optional(Type.Array(oneOf(SEVERITIES))),
    // For type alertmanager.
    urls: Type.Optional(Type.Array(Text, { minItems: 1 })),
    username: text('For HTTP Basic.'),
    password: text('For HTTP Basic.'),
    bearerToken: text('Instead of username and password.'),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    ),
    resendSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 3_600 })),
    sendInhibited: Type.Optional(Type.Boolean()),
    // For all other types.
    url: text('May be a secret.'),
    secret: text('Signs the requests.'),
    secrets: Type.Optional(Texts),
    mentions: Type.Optional(Texts),
    sendUpdates: Type.Optional(Type.Boolean()),
    allowDuplicates: Type.Optional(Type.Boolean()),
  },
  'Channel',
);

/** The whole of `breakwatch.yaml`. */
export const ConfigFileSchema = object(
  {
    accounts: Type.Optional(Type.Array(AccountSettings)),
    alerts: Type.Optional(
      object({
        publicUrl: text("Breakwatch's address in the browser of the on-call."),
        timeZone,
        grafanaAlerting: Type.Optional(Type.Boolean()),
        retryHours: Type.Optional(Type.Number({ minimum: 0.1, maximum: 720 })),
        channels: Type.Optional(Type.Array(ChannelSettings)),
      }),
    ),
    database: Type.Optional(
      Type.Union([
        Text,
        object({
          url: Text,
          passwordFile: text('File with the password, read at every connection.'),
          schema: text('Schema of the tables.'),
        }),
      ]),
    ),
    directory: text('CSV file that names streams, relative to this file.'),
    // A section or the name of a file. `parse-mute-intervals.ts` checks it, again after each change.
    muteIntervals: Type.Optional(
      Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown())]),
    ),
    server: Type.Optional(
      object({
        allowedHosts: Type.Optional(Texts),
        allowedOrigins: Type.Optional(Texts),
        // A list, or the name of a file; its own reader checks it, and again whenever it changes.
        tokens: Type.Optional(Type.Union([Text, Type.Array(Type.Unknown())])),
        singleSignOn: Type.Optional(
          object({ header: Text, proxies: Texts, roles: Type.Array(oneOf(ROLES)) }),
        ),
      }),
    ),
    trustProxy: Type.Optional(Texts),
  },
  'ConfigFile',
);
/** The content of `breakwatch.yaml`. */
export type ConfigFile = Static<typeof ConfigFileSchema>;
/** One entry of `accounts`. */
export type AccountEntry = Static<typeof AccountSettings>;
/** One entry of `alerts.channels`. */
export type ChannelEntry = Static<typeof ChannelSettings>;

function variable(description: string) {
  return Type.Optional(Type.String({ description }));
}

/** Every environment variable that Breakwatch reads. docs/configuration.md has their defaults. */
export const EnvironmentSchema = Type.Object({
  BREAKWATCH_HOST: variable('Address to listen on.'),
  BREAKWATCH_PORT: variable('Port; 0 uses a free one.'),
  BREAKWATCH_TOKEN: variable('Required on the API and metrics.'),
  BREAKWATCH_DATA: variable('Data folder.'),
  BREAKWATCH_DATABASE_URL: variable('PostgreSQL database, instead of SQLite in the data folder.'),
  BREAKWATCH_DATABASE_PASSWORD_FILE: variable('File with the password of the database user.'),
  BREAKWATCH_KEEP_DAYS: variable('Days that are kept; 0 keeps everything.'),
  BREAKWATCH_EXPORT_FOLDER: variable('Folder to which old data is exported before it is deleted.'),
  BREAKWATCH_RULES: variable('Folder of your own rules.'),
  BREAKWATCH_DIRECTORY: variable('CSV file that names streams.'),
  BREAKWATCH_CONFIG: variable('File with accounts, instead of breakwatch.yaml.'),
  TENCENTCLOUD_SECRET_ID: variable('SecretId of the account `default`.'),
  TENCENTCLOUD_SECRET_KEY: variable('SecretKey of the account `default`.'),
  BREAKWATCH_SITE: variable('`cn` or `intl`.'),
  BREAKWATCH_API_ENDPOINT: variable('Another base URL of the API.'),
  BREAKWATCH_CALLBACK_KEY: variable('Callback keys of `default`, separated by commas.'),
  BREAKWATCH_CALLBACK_FROM: variable('Addresses from which callbacks to `default` are accepted.'),
  BREAKWATCH_TRUST_PROXY: variable('Proxies whose X-Forwarded-For is trusted.'),
  BREAKWATCH_PUSH_KEY: variable('Push keys for every domain of `default`, separated by commas.'),
  BREAKWATCH_BIZID: variable('BIZID of `default` in the CSS console.'),
  BREAKWATCH_ACTIONS: variable('1 allows actions on streams of `default`.'),
  BREAKWATCH_BACKFILL_DAYS: variable('Days before the first start that are polled, 0 to 60.'),
  BREAKWATCH_POLL_SECONDS: variable('Seconds between polls, 1 to 59.'),
});
