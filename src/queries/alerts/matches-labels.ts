import type { AlertInstance } from '../../model/alert.ts';
import { type Filters, matchesSome } from '../../model/query.ts';

/** Filters of the scope. */
type ScopeFilters = Pick<Filters, 'account' | 'domain' | 'app' | 'stream' | 'node' | 'rule'>;

/** Whether an alert with these labels matches filters. A filter matches when the scope leaves its value open: an alert of an account matches each domain. */
export function matchesLabels(labels: AlertInstance['labels'], filters: Filters): boolean {
  const { scope, scopeValue } = labels;
  const isPath = ['domain', 'app', 'stream'].includes(scope);
  const [domain, app, stream] = isPath ? splitPath(scopeValue) : [];
  const scopeValues: Record<keyof ScopeFilters, string | undefined> = {
    account: labels.account,
    domain,
    app,
    stream,
    node: scope === 'node' ? scopeValue : undefined,
    rule: labels.rule,
  };
  return (
    (Object.keys(scopeValues) as (keyof ScopeFilters)[]).every((name) =>
      matchesAny(scopeValues[name], filters[name]),
    ) &&
    matchesAny(labels.category, filters.category) &&
    matchesAny(labels.severity, filters.severity) &&
    matchesAny(labels.side, filters.side)
  );
}

/** A StreamName may contain slashes; a domain and an AppName do not. */
function splitPath(path: string): (string | undefined)[] {
  const [domain, app, ...stream] = path.split('/');
  return [domain, app, stream.length > 0 ? stream.join('/') : undefined];
}

/** Whether a value is unknown, or one of the patterns matches it. No patterns match everything. */
export function matchesAny(
  value: string | undefined,
  wanted: readonly string[] | undefined,
): boolean {
  return value === undefined || matchesSome(wanted, value);
}
