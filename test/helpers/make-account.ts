import type { Account } from '../../src/engine/engine.ts';

/** An account without keys, whose records of before are not read. */
export function makeAccount(parts: Partial<Account> = {}): Account {
  return {
    name: 'default',
    site: 'cn',
    callbackKeys: [],
    pushKeys: [],
    backfillMs: 0,
    pollSeconds: 10,
    ...parts,
  };
}
