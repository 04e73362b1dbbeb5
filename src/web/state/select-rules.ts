import type { RuleSummary } from '../../contract/rules.ts';
import { type Category, SEVERITIES, type Severity } from '../../model/vocabulary.ts';
import type { RuleHits } from './fetch-rules.ts';

/** Where a rule comes from. */
export const ORIGINS = ['shipped', 'patched', 'own'] as const;
export type RuleOrigin = (typeof ORIGINS)[number];

/** Orders of the list. */
export const RULE_ORDERS = ['hits', 'severity', 'name'] as const;
type RuleOrder = (typeof RULE_ORDERS)[number];

/** Which rules are shown, and in which order. Empty values match every rule. */
export interface RuleSelection {
  search: string;
  category: Category | '';
  severity: Severity | '';
  origin: RuleOrigin | '';
  /** Only rules without a hit. */
  unused: boolean;
  order: RuleOrder;
}

/** Selects every rule. */
export const ALL_RULES: RuleSelection = {
  search: '',
  category: '',
  severity: '',
  origin: '',
  unused: false,
  order: 'hits',
};

/** Where a rule comes from. */
export function originOf({ isOwn, patch }: RuleSummary): RuleOrigin {
  return isOwn ? 'own' : patch === null ? 'shipped' : 'patched';
}

/**
 * Selects and sorts rules.
 *
 * @param hits - by rule; null while they are not known, which counts as none
 */
export function selectRules(
  rules: readonly RuleSummary[],
  selection: RuleSelection,
  hits: ReadonlyMap<string, RuleHits> | null,
): RuleSummary[] {
  const { category, severity, origin, unused, order } = selection;
  const words = selection.search.trim().toLowerCase();
  const count = ({ id }: RuleSummary) => hits?.get(id)?.count ?? 0;
  const rank = (rule: RuleSummary) => SEVERITIES.indexOf(rule.severity);
  const byId = (a: RuleSummary, b: RuleSummary) => (a.id < b.id ? -1 : 1);
  const compare = {
    hits: (a: RuleSummary, b: RuleSummary) => count(b) - count(a) || byId(a, b),
    severity: (a: RuleSummary, b: RuleSummary) => rank(a) - rank(b) || byId(a, b),
    name: byId,
  }[order];
  return rules
    .filter(
      (rule) =>
        (category === '' || rule.category === category) &&
        (severity === '' || rule.severity === severity) &&
        (origin === '' || originOf(rule) === origin) &&
        (!unused || (hits !== null && count(rule) === 0)) &&
        [rule.id, rule.name, rule.cause].some((text) => text.toLowerCase().includes(words)),
    )
    .sort(compare);
}
