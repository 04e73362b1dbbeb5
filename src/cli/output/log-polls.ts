import type { EngineHooks } from '../../engine/engine.ts';
import type { Log } from '../../model/log.ts';

/**
 * Creates a hook that logs when the polls of an account start to fail, fail for another reason, or succeed
 * again. Without it, a wrong key would only show in the health.
 */
export function logPolls(log: Log): EngineHooks['polled'] {
  const failing = new Map<string, string>();
  return (account, _durationMs, error) => {
    if (error && failing.get(account) !== error.code) {
      failing.set(account, error.code);
      log('error', `account ${account}: ${error.code}: ${error.message} ${error.remedy}`);
    } else if (!error && failing.delete(account)) {
      log('info', `account ${account}: polls succeed again`);
    }
  };
}
