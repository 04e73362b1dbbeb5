import { useEffect } from 'react';
import { CATEGORIES, SEVERITIES } from '../../model/vocabulary.ts';
import { ALL_RULES, ORIGINS, RULE_ORDERS, type RuleSelection } from './select-rules.ts';
import { type AddressOf, queryOf, useAddressView } from './use-address-view.ts';

/** A longer search finds nothing, characters. */
const MAX_SEARCH = 200;

/** The selection that the address of the list of rules holds. Unknown values select every rule. */
export const RULES_ADDRESS: AddressOf<RuleSelection> = {
  read(query) {
    const given = new URLSearchParams(query);
    const oneOf = <T extends string>(name: string, values: readonly T[]): T | '' =>
      values.find((value) => value === given.get(name)) ?? '';
    return {
      search: (given.get('search') ?? '').slice(0, MAX_SEARCH),
      category: oneOf('category', CATEGORIES),
      severity: oneOf('severity', SEVERITIES),
      origin: oneOf('origin', ORIGINS),
      unused: given.get('unused') === '1',
      order: oneOf('order', RULE_ORDERS) || ALL_RULES.order,
    };
  },
  write: ({ search, category, severity, origin, unused, order }) =>
    queryOf([
      ['search', search],
      ['category', category],
      ['severity', severity],
      ['origin', origin],
      ['unused', unused ? '1' : ''],
      ['order', order === ALL_RULES.order ? '' : order],
    ]),
};

/** The query string of the list that was shown last, so that a rule's page leads back to it. */
let last = '';

/** The address of the list of rules, as it was shown last. */
export function rulesAddress(): string {
  return `/rules${last}`;
}

/** Keeps the selection of the list of rules in the page's address. */
export function useRulesView(): [RuleSelection, (change: Partial<RuleSelection>) => void] {
  const [view, change] = useAddressView(RULES_ADDRESS);
  useEffect(() => {
    last = RULES_ADDRESS.write(view);
  }, [view]);
  return [view, change];
}
