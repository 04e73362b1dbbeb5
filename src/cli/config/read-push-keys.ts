import type { PushKey } from '../../css/push-url/push-url.ts';
import { pushKeysOfEnvironment } from './account-of-environment.ts';
import { readConfig } from './read-config.ts';

/**
 * All push keys that this installation knows: those of the accounts, primary before backup, then
 * BREAKWATCH_PUSH_KEY, which serves also where no account is configured.
 *
 * @throws `BAD_CONFIG`
 */
export function readPushKeys(environment: NodeJS.ProcessEnv): PushKey[] {
  const keys = [
    ...readConfig(environment).accounts.flatMap((account) => account.pushKeys),
    ...pushKeysOfEnvironment(environment),
  ];
  // A domain's own keys come before those for every domain.
  return [...keys.filter((key) => key.domain !== '*'), ...keys.filter((key) => key.domain === '*')];
}
