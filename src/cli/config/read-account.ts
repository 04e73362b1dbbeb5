import type { Account } from '../../engine/engine.ts';
import { addresses, bad, expand, list, rejectUnknown } from './setting-values.ts';

const DAY_MS = 86_400_000;
const MAX_BACKFILL_DAYS = 60;
const ACCOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
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

/**
 * Reads one entry of `accounts` in `breakwatch.yaml`.
 *
 * @param where - names the entry in errors
 * @param environment - values for `${NAME}`
 * @throws `BAD_CONFIG` naming the setting
 */
export function readAccount(
  entry: unknown,
  where: string,
  environment: NodeJS.ProcessEnv,
): Account {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    bad(`${where} is not an account. It needs a name, and secretId and secretKey or callbackKeys.`);
  }
  const given = entry as Record<string, unknown>;
  rejectUnknown(given, ACCOUNT_KEYS, where);
  const text = (key: string): string | undefined => {
    const value = given[key];
    if (value === undefined || value === null) {
      return undefined;
    }
    if (typeof value !== 'string' || value === '') {
      bad(`${where}: ${key} must be a string.`);
    }
    return expand(value, `${where}: ${key}`, environment);
  };
  const number = (
    key: string,
    variable: string,
    fallback: number,
    low: number,
    high: number,
  ): number => {
    const value = given[key] ?? fallback;
    if (typeof value !== 'number' || !(value >= low && value <= high)) {
      bad(`${where}: ${key} (${variable}) must be a number from ${low} to ${high}.`);
    }
    return value;
  };
  const name = text('name');
  if (!name || !ACCOUNT_NAME.test(name)) {
    bad(`${where}: name is missing, or has characters other than letters, digits, - and _.`);
  }
  const site = text('site') ?? 'cn';
  if (site !== 'cn' && site !== 'intl') {
    bad(`${where}: site (BREAKWATCH_SITE) must be cn or intl, not ${JSON.stringify(site)}.`);
  }
  const secretId = text('secretId');
  const secretKey = text('secretKey');
  if (!secretId !== !secretKey) {
    bad(
      `${where}: ${secretId ? 'secretKey (TENCENTCLOUD_SECRET_KEY)' : 'secretId (TENCENTCLOUD_SECRET_ID)'} is missing. Set both or neither.`,
    );
  }
  const callbackKeys = list(given.callbackKeys, `${where}: callbackKeys`).map((key) => {
    if (typeof key !== 'string' || key === '') {
      bad(`${where}: callbackKeys must be a list of strings.`);
    }
    return expand(key, `${where}: callbackKeys`, environment);
  });
  if (!secretId && callbackKeys.length === 0) {
    bad(`${where}: set secretId and secretKey, or callbackKeys, or both.`);
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
        bad(`${where}: each entry of pushKeys needs a domain and a key.`);
      }
      return { domain, key: expand(key, `${where}: pushKeys`, environment) };
    }),
    bizid: bizid(given.bizid, where),
    actions: actions(given.actions, where, secretId !== undefined),
    backfillMs:
      number('backfillDays', 'BREAKWATCH_BACKFILL_DAYS', 1, 0, MAX_BACKFILL_DAYS) * DAY_MS,
    pollSeconds: number('pollSeconds', 'BREAKWATCH_POLL_SECONDS', 10, 1, 59),
  };
}

function actions(value: unknown, where: string, hasKeys: boolean): boolean {
  if (value !== undefined && value !== null && typeof value !== 'boolean') {
    bad(`${where}: actions must be true or false.`);
  }
  if (value && !hasKeys) {
    bad(`${where}: actions (BREAKWATCH_ACTIONS) needs secretId and secretKey.`);
  }
  return value === true;
}

/** Reads the BIZID, which YAML parses as a number. */
function bizid(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (!['string', 'number'].includes(typeof value) || !/^\w{1,32}$/.test(String(value))) {
    bad(`${where}: bizid (BREAKWATCH_BIZID) must be the number that the CSS console shows.`);
  }
  return String(value);
}

function endpoint(url: string | undefined, where: string): string | undefined {
  if (url === undefined) {
    return undefined;
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    bad(`${where}: endpoint (BREAKWATCH_API_ENDPOINT) must be an http or https URL.`);
  }
  return url;
}
