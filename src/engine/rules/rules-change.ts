import type { LoadedRule, RuleSet } from '../../diagnosis/rule.ts';
import { readSharedJson, type SharedJson, shareJson } from '../../model/shared-json.ts';

/**
 * What changes from one rule set to the next. Threads are told this instead of the whole set: copying thousands of
 * rules would hold up callbacks, and only new rules have to be compiled.
 */
export interface RulesChange extends Omit<RuleSet, 'rules'> {
  /** Hash of the set before; null when all rules are new. */
  base: string | null;
  /** The rules of the next set; those that stay as positions in the set before. */
  rules: (number | LoadedRule)[];
}

/** The rules of a set without their content, for a thread that computes a change from it. */
export type KnownRules = SharedJson;

interface Known {
  hash: string;
  keys: string[];
}

/** Equal for equal rules at the same place, with the same patch. */
export function keyOfRule({ hash, file, patch }: LoadedRule): string {
  return JSON.stringify([hash, file, patch ?? null]);
}

/** Lists the rules of a set for {@link changeFrom}. */
export function knownRules({ hash, rules }: RuleSet): KnownRules {
  return shareJson({ hash, keys: rules.map(keyOfRule) } satisfies Known);
}

/** Computes the change from a known set; all rules are new when there is none. */
export function changeFrom(before: KnownRules | undefined, next: RuleSet): RulesChange {
  if (!before) {
    return { ...next, base: null };
  }
  const { hash, keys } = readSharedJson(before) as Known;
  return change(hash, keys, next);
}

/** Computes the change between two sets. */
export function changeBetween(before: RuleSet, next: RuleSet): RulesChange {
  return change(before.hash, before.rules.map(keyOfRule), next);
}

function change(base: string, keys: readonly string[], next: RuleSet): RulesChange {
  const places = new Map(keys.map((key, place) => [key, place]));
  return { ...next, base, rules: next.rules.map((rule) => places.get(keyOfRule(rule)) ?? rule) };
}

/**
 * Applies a change. Rules that stay are the same objects as before.
 *
 * @returns undefined when the change is from another set than this one
 */
export function applyChange(before: RuleSet, { base, ...next }: RulesChange): RuleSet | undefined {
  if (base !== null && base !== before.hash) {
    return undefined;
  }
  const rules = next.rules.map((rule) =>
    typeof rule === 'number' ? (before.rules[rule] as LoadedRule) : rule,
  );
  return { ...next, rules };
}
