import type { RuleSet } from '../../diagnosis/rule.ts';

/** What differs between two rule sets, by the ids of rules, sorted. */
export interface SetDifference {
  added: string[];
  changed: string[];
  removed: string[];
  /** Whether the team's reasons and texts differ. */
  catalogue: boolean;
}

/** Compares two rule sets. */
export function compareSets(before: RuleSet, after: RuleSet): SetDifference {
  const hashes = new Map(before.rules.map(({ id, hash }) => [id, hash]));
  const ids = new Set(after.rules.map(({ id }) => id));
  return {
    added: after.rules.flatMap(({ id }) => (hashes.has(id) ? [] : [id])),
    changed: after.rules.flatMap(({ id, hash }) =>
      hashes.has(id) && hashes.get(id) !== hash ? [id] : [],
    ),
    removed: before.rules.flatMap(({ id }) => (ids.has(id) ? [] : [id])),
    catalogue: JSON.stringify(before.catalogue ?? null) !== JSON.stringify(after.catalogue ?? null),
  };
}
