import type { BreakRecord } from './break-record.ts';
import { FILTER_NAMES, type FilterName, type Filters } from './query.ts';

/** Tells whether a record matches filters, by the same rules as the store. */
export function matchFilters({ event, verdict }: BreakRecord, filters: Filters): boolean {
  const values: Record<FilterName, string | null> = {
    account: event.account,
    domain: event.domain,
    app: event.app,
    stream: event.stream,
    category: verdict.category,
    severity: verdict.severity,
    side: verdict.side,
    outcome: verdict.outcome,
    reason: verdict.reason,
    rule: verdict.rule.id,
    clientIp: event.clientIp,
    node: event.node,
  };
  return FILTER_NAMES.every((name) => {
    const wanted: string[] | undefined = filters[name];
    const value = values[name];
    return (
      !wanted?.length ||
      (value !== null && wanted.some((pattern) => matchesPattern(pattern, value)))
    );
  });
}

/**
 * Tells whether a value matches a pattern in which `*` stands for any number of characters.
 *
 * Each part between stars is searched once, from left to right, so there is no backtracking: a
 * pattern of many stars from a query cannot block the thread.
 */
export function matchesPattern(pattern: string, value: string): boolean {
  if (!pattern.includes('*')) {
    return pattern === value;
  }
  const parts = pattern.split('*');
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (value.length < first.length + last.length || !value.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  return value.endsWith(last) && at <= value.length - last.length;
}
