import type { AccountEntry } from '../../contract/settings.ts';
import type { PushKey } from '../../css/push-url/index.ts';
import type { Account } from '../../engine/engine.ts';
import { addresses, bad, commaList, expand } from './setting-values.ts';

const DAY_MS = 86_400_000;

/**
 * Reads one entry of `accounts` in `breakwatch.yaml`, which the schema has checked.
 *
 * @param where - names the entry in errors
 * @param environment - values for `${NAME}`
 * @throws `BAD_CONFIG` naming the setting
 */
export function readAccount(
  entry: AccountEntry,
  where: string,
  environment: NodeJS.ProcessEnv,
): Account {
  const text = (key: 'site' | 'endpoint' | 'secretId' | 'secretKey'): string | undefined => {
    const value = entry[key];
    return value === undefined ? undefined : expand(value, `${where}: ${key}`, environment);
  };
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
  const callbackKeys = (entry.callbackKeys ?? []).map((key) =>
    expand(key, `${where}: callbackKeys`, environment),
  );
  if (!secretId && callbackKeys.length === 0) {
    bad(`${where}: set secretId and secretKey, or callbackKeys, or both.`);
  }
  if (entry.actions && !secretId) {
    bad(`${where}: actions (BREAKWATCH_ACTIONS) needs secretId and secretKey.`);
  }
  return {
    name: entry.name,
    site,
    endpoint: readEndpoint(text('endpoint'), where),
    credentials: secretId && secretKey ? { secretId, secretKey } : undefined,
    callbackKeys,
    callbackFrom: addresses(entry.callbackFrom, `${where}: callbackFrom`),
    pushKeys: (entry.pushKeys ?? []).map(({ domain, key }) => {
      return { domain, key: expand(key, `${where}: pushKeys`, environment) };
    }),
    bizid: readBizid(entry.bizid, where),
    actions: entry.actions === true,
    backfillMs: (entry.backfillDays ?? 1) * DAY_MS,
    pollSeconds: entry.pollSeconds ?? 10,
  };
}

/** Reads the BIZID, which YAML parses as a number. */
function readBizid(value: string | number | undefined, where: string): string | undefined {
  if (value !== undefined && !/^\w{1,32}$/.test(String(value))) {
    bad(`${where}: bizid (BREAKWATCH_BIZID) must be the number that the CSS console shows.`);
  }
  return value === undefined ? undefined : String(value);
}

function readEndpoint(url: string | undefined, where: string): string | undefined {
  if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) {
    bad(`${where}: endpoint (BREAKWATCH_API_ENDPOINT) must be an http or https URL.`);
  }
  return url;
}

/**
 * Reads the account `default` from environment variables. Returns undefined when none of them is set.
 *
 * @throws `BAD_CONFIG` naming the variable
 */
export function accountOfEnvironment(environment: NodeJS.ProcessEnv): Account | undefined {
  const secretId = environment.TENCENTCLOUD_SECRET_ID;
  const secretKey = environment.TENCENTCLOUD_SECRET_KEY;
  const callbackKey = environment.BREAKWATCH_CALLBACK_KEY;
  if (!secretId && !secretKey && !callbackKey) {
    return undefined;
  }
  const callbackKeys = callbackKey ? callbackKey.split(',').map((key) => key.trim()) : undefined;
  if (callbackKeys?.includes('')) {
    bad('BREAKWATCH_CALLBACK_KEY has an empty key before or after a comma.');
  }
  return readAccount(
    {
      name: 'default',
      site: environment.BREAKWATCH_SITE || undefined,
      endpoint: environment.BREAKWATCH_API_ENDPOINT || undefined,
      secretId: secretId || undefined,
      secretKey: secretKey || undefined,
      callbackKeys,
      callbackFrom: commaList(environment.BREAKWATCH_CALLBACK_FROM),
      pushKeys: pushKeysOfEnvironment(environment),
      bizid: environment.BREAKWATCH_BIZID || undefined,
      actions: readSwitch(environment.BREAKWATCH_ACTIONS),
      backfillDays: readNumber(environment, 'BREAKWATCH_BACKFILL_DAYS', 0, 60),
      pollSeconds: readNumber(environment, 'BREAKWATCH_POLL_SECONDS', 1, 59),
    },
    'the account from the environment',
    environment,
  );
}

/** Reads the push keys in BREAKWATCH_PUSH_KEY (primary, then backup); they apply to every domain. */
export function pushKeysOfEnvironment(environment: NodeJS.ProcessEnv): PushKey[] {
  const keys = commaList(environment.BREAKWATCH_PUSH_KEY) ?? [];
  return keys.map((key) => ({ domain: '*', key }));
}

function readSwitch(text: string | undefined): boolean | undefined {
  if (!text || text === '0' || text === 'false') {
    return undefined;
  }
  if (text !== '1' && text !== 'true') {
    bad(`BREAKWATCH_ACTIONS must be 1 or 0, not ${JSON.stringify(text)}.`);
  }
  return true;
}

function readNumber(
  environment: NodeJS.ProcessEnv,
  variable: string,
  low: number,
  high: number,
): number | undefined {
  const text = environment[variable];
  const number = Number(text);
  if (text && !(number >= low && number <= high)) {
    bad(`${variable} must be a number from ${low} to ${high}.`);
  }
  return text ? number : undefined;
}
