import type { BreakRecord } from './break-record.ts';
import { FILTER_NAMES, type FilterName, type Filters } from './query.ts';

/** Tells whether a record passes filters, by the rules by which a store filters. */
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
      !wanted?.length || (value !== null && wanted.some((text) => matchesPattern(text, value)))
    );
  });
}

/** Tells whether a text fits a wanted one, in which `*` stands for any run of characters. */
export function matchesPattern(wanted: string, value: string): boolean {
  if (!wanted.includes('*')) {
    return wanted === value;
  }
  const parts = wanted.split('*');
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
