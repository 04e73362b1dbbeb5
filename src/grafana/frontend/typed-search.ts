import type { ScopedVars } from '@grafana/data';

/** Grafana's variable with what was typed into the picker of a dashboard variable. */
const SEARCH_FILTER = '__searchFilter';

/** What the query of a dashboard variable names, so that Grafana asks again while somebody types. */
export const TYPED = `$${SEARCH_FILTER}`;

/** What was typed into the picker; empty when nothing was. */
export function typedText(scopedVars: ScopedVars | undefined): string {
  return String(scopedVars?.[SEARCH_FILTER]?.value ?? '');
}
