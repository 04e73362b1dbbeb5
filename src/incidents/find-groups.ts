import { groupByEvidence, type WindowFacts } from './group-by-evidence.ts';
import { groupByShare } from './group-by-share.ts';
import { kindsOf, type SharedKind } from './scopes.ts';
import {
  type Candidate,
  categoryOf,
  type Group,
  isGuessed,
  reasonOf,
  type Unit,
  withoutHit,
} from './units.ts';

/** More causes of one kind at once are not told apart. */
const MAX_GROUPS = 50;

/**
 * Finds what units have in common. What the best scope does not explain is searched again, so two causes
 * at once stay two.
 *
 * @param units - of one account; with one cause key, and those that were diagnosed early
 */
export function findGroups(units: readonly Unit[], facts: WindowFacts): Group[] {
  const groups: Group[] = [];
  let rest = [...units];
  let exposure = facts.exposure;
  while (rest.length >= 2 && groups.length < MAX_GROUPS) {
    const candidates = candidatesOf(rest);
    const group = exposure.known
      ? groupByEvidence(rest, candidates, { ...facts, exposure })
      : groupByShare(rest, candidates, exposure);
    if (!group) {
      break;
    }
    groups.push(group);
    const taken = new Set(group.units);
    rest = rest.filter((unit) => !taken.has(unit));
    exposure = withoutHit(
      facts.exposure,
      groups.flatMap((found) => found.units),
    );
  }
  return groups;
}

/** The scopes that a shared cause of units may have, by key. */
function candidatesOf(units: readonly Unit[]): Map<string, Candidate> {
  const candidates = new Map<string, Candidate>();
  for (const unit of units) {
    const kinds = kindsOf(categoryOf([unit]), reasonOf(unit), isGuessed([unit]));
    for (const [place, scope] of unit.scopes.entries()) {
      if (!kinds.includes(scope.kind as SharedKind)) {
        continue;
      }
      const key = unit.scopeKeys[place] as string;
      const candidate = candidates.get(key);
      if (candidate) {
        candidate.units.push(unit);
      } else {
        candidates.set(key, { scope, units: [unit] });
      }
    }
  }
  return candidates;
}
