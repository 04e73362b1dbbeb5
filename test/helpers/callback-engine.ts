import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine, type StartableEngine } from '../../src/engine/create-engine.ts';
import type { Store } from '../../src/store/store.ts';
import { makeAccount } from './make-account.ts';
import { CALLBACK_KEY, PUSH_KEY } from './signed-callback.ts';

/**
 * Starts an engine on a store, with the shipped rules and one account that takes signed callbacks.
 *
 * @param now - what the engine takes for the present all the time, epoch ms UTC
 */
export async function startCallbackEngine(store: Store, now: number): Promise<StartableEngine> {
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  return createEngine({
    store,
    rules: ruleSet,
    accounts: [
      makeAccount({ callbackKeys: [CALLBACK_KEY], pushKeys: [{ domain: '*', key: PUSH_KEY }] }),
    ],
    version: '1.2.3',
    now: () => now,
    answersWaitMs: 60_000,
    keepDays: 0,
  });
}
