import type { LoadedRule, RuleSet } from '../../diagnosis/rule.ts';
import { createDiagnoser, textsOf } from '../../diagnosis/run/index.ts';
import type { Store } from '../../store/store.ts';

/** Name of the stored state with the rules that were accepted last. */
const RULES = 'rules-in-force';
/** Name of the stored state that says since when they are in force. */
const SINCE = 'rules-in-force-since';

interface Since {
  hash: string;
  /** Epoch ms UTC. */
  since: number;
}

/** The rules that were in force last. */
export interface LastRules {
  rules: RuleSet;
  /** Since when, epoch ms UTC; null when the server stopped before they were in force. */
  since: number | null;
}

/**
 * Reads the rules that were in force last.
 *
 * @returns null when there are none, or when this version cannot run them
 * @throws `STORE_FAILED`
 */
export async function readLastRules(store: Pick<Store, 'getState'>): Promise<LastRules | null> {
  // Older versions kept both in one state.
  const last = (await store.getState(RULES)) as LastRules | undefined;
  const kept = (await store.getState(SINCE)) as Since | undefined;
  if (!last) {
    return null;
  }
  try {
    createDiagnoser(last.rules);
  } catch {
    return null;
  }
  return { rules: last.rules, since: kept?.hash === last.rules.hash ? kept.since : last.since };
}

/**
 * Stores accepted rules for the next start, and their texts before the first verdict refers to them.
 *
 * @param added - those whose texts are not stored yet
 * @throws `STORE_FAILED`
 */
export async function keepRules(
  store: Pick<Store, 'putRuleTexts' | 'setState'>,
  rules: RuleSet,
  added: readonly LoadedRule[] = rules.rules,
): Promise<void> {
  await store.putRuleTexts(textsOf({ ...rules, rules: [...added] }));
  await store.setState(RULES, { rules, since: null } satisfies LastRules);
}

/** Stores since when rules are in force. @throws `STORE_FAILED` */
export async function keepSince(store: Pick<Store, 'setState'>, since: Since): Promise<void> {
  await store.setState(SINCE, since);
}
