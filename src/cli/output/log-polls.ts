import type { EngineHooks } from '../../engine/engine.ts';
import type { Log } from '../../model/log.ts';

/**
 * Makes what writes to the log when polls of an account begin to fail, fail for another reason, and succeed
 * again: a wrong key would otherwise be seen by those alone who ask for health.
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
