import type { AccountHealth } from '../../model/health.ts';
import { matchesSome, type Query } from '../../model/query.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/**
 * Checks that breaks are collected for the accounts of an alert query. While collection is down, an
 * empty answer would read as "no breaks". Queries of type `alerts` report blind accounts themselves.
 *
 * @throws COLLECTION_BLIND when collection is down for every account of the query
 */
export function checkCoverage(query: Query, accounts: readonly AccountHealth[]): void {
  if (query.queryType === 'alerts') {
    return;
  }
  const asked = accounts.filter(({ account }) => matchesSome(query.filters?.account, account));
  if (asked.length > 0 && asked.every(({ state }) => state === 'blind')) {
    const [first] = asked;
    throw maskedError('COLLECTION_BLIND', {
      accounts: asked.map(({ account }) => account).join(', '),
      problem: first?.error?.message ?? 'no poll succeeded for 60 s',
    });
  }
}
