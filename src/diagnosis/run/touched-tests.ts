import type { Facts } from '../../model/facts.ts';
import { readSharedJson, type SharedJson, shareJson } from '../../model/shared-json.ts';
import { compileRules } from '../compile/compile-rules.ts';
import type { EngineRule } from '../compile/engine-rule.ts';
import { zoneDataVersion } from '../operators/zone-clock.ts';
import { hashJson, type LoadedRule, type RuleSet } from '../rule.ts';
import { FALLBACK_ID } from './fallback-rule.ts';

/** The position of the folder of a rule: a test may fail because a rule of a higher folder wins. */
type LevelOf = (rule: Pick<LoadedRule, 'id'>) => number;

/** What the check of a later set needs of rules whose tests hold. */
export type TestedRules = SharedJson;

interface Tested {
  /** Hash of what every test depends on. */
  common: string;
  rules: { key: string; priority: number; conditions: LoadedRule['conditions'] }[];
}

/** Changes when the rule does, also when only its folder does. */
function keyOf(rule: LoadedRule, levelOf: LevelOf): string {
  return `${rule.id} ${rule.hash} ${levelOf(rule)}`;
}

/** The reasons and texts of the team, the time zones, and the rule that wins where none matches. */
function commonOf({ rules, catalogue }: RuleSet, levelOf: LevelOf): string {
  const fallback = rules.find(({ id }) => id === FALLBACK_ID);
  const key = fallback ? keyOf(fallback, levelOf) : null;
  return hashJson([catalogue ?? null, zoneDataVersion(), key]);
}

/** Remembers a set whose tests hold, or fail only because a rule of a higher folder wins. */
export function rememberTested(ruleSet: RuleSet, levelOf: LevelOf): TestedRules {
  return shareJson({
    common: commonOf(ruleSet, levelOf),
    rules: ruleSet.rules.map((rule) => {
      const { priority, conditions } = rule;
      return { key: keyOf(rule, levelOf), priority, conditions };
    }),
  } satisfies Tested);
}

/** Whether a change can touch a test, by its rule and the facts of its event. */
export type IsTouched = (rule: LoadedRule, facts: Facts) => boolean;

/**
 * Finds out which tests of a set can have another result than in the tested one before: those of rules that changed,
 * and those of events that the old or the new version of such a rule matches. On other events, the same rules match as
 * before, so the same one wins.
 *
 * @param before - the set before
 * @returns undefined when any test can: the catalogue, the time zones or the fallback rule changed
 */
export function createIsTouched(
  ruleSet: RuleSet,
  levelOf: LevelOf,
  before: TestedRules,
): IsTouched | undefined {
  const { common, rules } = readSharedJson(before) as Tested;
  if (common !== commonOf(ruleSet, levelOf)) {
    return undefined;
  }
  const gone = new Map(rules.map((rule) => [rule.key, rule]));
  const changed = ruleSet.rules.filter((rule) => !gone.delete(keyOf(rule, levelOf)));
  const ids = new Set(changed.map(({ id }) => id));
  const versions = [...gone.values(), ...changed].map(({ priority, conditions }): EngineRule => {
    return { priority, conditions, event: { type: 'changed' } };
  });
  const compiled = compileRules(versions, { index: ['reason'] });
  return ({ id }, facts) => ids.has(id) || compiled.first(facts) !== undefined;
}
