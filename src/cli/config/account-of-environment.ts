import type { PushKey } from '../../css/push-url/index.ts';
import type { Account } from '../../engine/engine.ts';
import { readAccount } from './read-account.ts';
import { bad, commaList } from './setting-values.ts';

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
    'the account from the environment',
    environment,
  );
}

/** Reads the push keys in BREAKWATCH_PUSH_KEY (primary, then backup); they apply to every domain. */
export function pushKeysOfEnvironment(environment: NodeJS.ProcessEnv): PushKey[] {
  return (environment.BREAKWATCH_PUSH_KEY ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
    .map((key) => ({ domain: '*', key }));
}

function onOff(text: string | undefined): boolean | undefined {
  if (!text || text === '0' || text === 'false') {
    return undefined;
  }
  if (text !== '1' && text !== 'true') {
    bad(`BREAKWATCH_ACTIONS must be 1 or 0, not ${JSON.stringify(text)}.`);
  }
  return true;
}
