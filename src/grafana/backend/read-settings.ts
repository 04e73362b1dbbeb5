import { isAbsolute, join } from 'node:path';
import { KEEP_DAYS } from '../../engine/retention.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { DataSourceInstanceSettings } from './gen/pluginv2_pb.js';

/** Settings of a data source that asks a `breakwatch serve`. */
interface RemoteSettings {
  mode: 'remote';
  url: string;
  token: string | undefined;
}

/** Settings of a data source that polls the CSS API itself. */
export interface EmbeddedSettings {
  mode: 'embedded';
  /** Name of the account in labels and filters. */
  accountName: string;
  site: 'cn' | 'intl';
  /** Another base URL of the API. */
  endpoint: string | undefined;
  secretId: string;
  secretKey: string;
  backfillDays: number;
  /** Days that are kept; 0 for ever. */
  keepDays: number;
  /** Absolute path; nobody else uses it. */
  dataFolder: string;
  /** Absolute path of a CSV file that names streams by room and user. */
  directoryFile: string | undefined;
}

export type Settings = RemoteSettings | EmbeddedSettings;

const MAX_BACKFILL_DAYS = 60;
const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

function notConfigured(problem: string): BreakwatchError {
  return maskedError('NOT_CONFIGURED', { problem });
}

function checkUrl(text: string, label: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw notConfigured(`${label} must be an http or https address, not "${text.slice(0, 200)}".`);
  }
  if (new URL(text).username !== '' || new URL(text).password !== '') {
    throw notConfigured(`${label} holds a user or password; use the secret fields instead.`);
  }
  return text;
}

/** The settings that are no secret. */
function readJsonData(instance: DataSourceInstanceSettings): Record<string, unknown> {
  if (instance.jsonData.length === 0) {
    return {};
  }
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(instance.jsonData));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
      return json as Record<string, unknown>;
    }
  } catch {
    // Told below.
  }
  throw notConfigured('jsonData of the data source is no JSON object.');
}

/** Which mode a data source is set to, as far as that can be read. */
export function modeOf(
  instance: DataSourceInstanceSettings | undefined,
): Settings['mode'] | undefined {
  try {
    const mode = instance ? readJsonData(instance).mode || 'remote' : undefined;
    return mode === 'remote' || mode === 'embedded' ? mode : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where the embedded store of a data source lives: the folder of its settings, else a folder of its
 * own below GF_PLUGIN_DATA_PATH. Never below HOME or the working directory, which are Grafana's.
 */
function dataFolderOf(
  given: string,
  instance: DataSourceInstanceSettings,
  orgId: bigint,
  environment: NodeJS.ProcessEnv,
): string {
  if (given !== '') {
    if (!isAbsolute(given)) {
      throw notConfigured(`Data folder (dataFolder) is "${given}"; it must be an absolute path.`);
    }
    return given;
  }
  const base = environment.GF_PLUGIN_DATA_PATH ?? '';
  if (base === '') {
    throw notConfigured(
      'there is no data folder. Fill in Data folder (dataFolder), or give Grafana data_path in ' +
        'the section [plugin.breakwatch-css-datasource] of grafana.ini (GF_PLUGIN_DATA_PATH).',
    );
  }
  if (!isAbsolute(base)) {
    throw notConfigured(
      `GF_PLUGIN_DATA_PATH (data_path in grafana.ini) is "${base}"; it must be an absolute path.`,
    );
  }
  const name = `${orgId}-${instance.uid.replace(/[^A-Za-z0-9_-]/g, '_') || 'default'}`;
  return join(base, name);
}

/**
 * Reads what a data source is set to.
 *
 * @param orgId - Grafana's organisation
 * @throws `NOT_CONFIGURED` naming the setting
 */
export function readSettings(
  instance: DataSourceInstanceSettings | undefined,
  orgId: bigint,
  environment: NodeJS.ProcessEnv,
): Settings {
  if (!instance) {
    throw notConfigured('Grafana sent no settings of a data source.');
  }
  const json = readJsonData(instance);
  const text = (name: string, label: string): string => {
    const value = json[name] ?? '';
    if (typeof value !== 'string') {
      throw notConfigured(`${label} (${name}) must be a string.`);
    }
    return value.trim();
  };
  const mode = text('mode', 'Mode') || 'remote';
  if (mode === 'remote') {
    const url = text('url', 'Server URL');
    if (url === '') {
      throw notConfigured(
        'Server URL (url) is missing: the address of a running breakwatch serve.',
      );
    }
    const token = instance.decryptedSecureJsonData.token?.trim() || undefined;
    return { mode, url: checkUrl(url, 'Server URL (url)'), token };
  }
  if (mode !== 'embedded') {
    throw notConfigured(`Mode (mode) is "${mode}"; it is remote or embedded.`);
  }
  const secretId = text('secretId', 'SecretId');
  const secretKey = instance.decryptedSecureJsonData.secretKey?.trim() ?? '';
  if (secretId === '') {
    throw notConfigured('SecretId (secretId) is missing.');
  }
  if (secretKey === '') {
    throw notConfigured('SecretKey (secretKey, kept encrypted) is missing.');
  }
  const site = text('site', 'Site') || 'cn';
  if (site !== 'cn' && site !== 'intl') {
    throw notConfigured(`Site (site) is "${site}"; it is cn or intl.`);
  }
  const accountName = text('accountName', 'Account name') || 'default';
  if (!ACCOUNT_NAME.test(accountName)) {
    throw notConfigured(
      `Account name (accountName) is "${accountName}"; it takes letters, digits, - and _.`,
    );
  }
  const backfillDays = json.backfillDays ?? 1;
  if (
    typeof backfillDays !== 'number' ||
    !(backfillDays >= 0 && backfillDays <= MAX_BACKFILL_DAYS)
  ) {
    throw notConfigured(
      `Back-fill (backfillDays) must be a number of days from 0 to ${MAX_BACKFILL_DAYS}.`,
    );
  }
  const keepDays = json.keepDays ?? KEEP_DAYS;
  if (typeof keepDays !== 'number' || !(Number.isSafeInteger(keepDays) && keepDays >= 0)) {
    throw notConfigured('Days kept (keepDays) must be a whole number of days, or 0 to keep all.');
  }
  const endpoint = text('endpoint', 'API endpoint');
  const directory = text('directory', 'Directory');
  if (directory !== '' && !isAbsolute(directory)) {
    throw notConfigured(`Directory (directory) is "${directory}"; it must be an absolute path.`);
  }
  return {
    mode,
    accountName,
    site,
    endpoint: endpoint === '' ? undefined : checkUrl(endpoint, 'API endpoint (endpoint)'),
    secretId,
    secretKey,
    backfillDays,
    keepDays,
    dataFolder: dataFolderOf(text('dataFolder', 'Data folder'), instance, orgId, environment),
    directoryFile: directory === '' ? undefined : directory,
  };
}
