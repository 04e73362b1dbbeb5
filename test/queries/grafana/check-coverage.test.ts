import { describe, expect, it } from 'vitest';
import type { AccountHealth } from '../../../src/model/health.ts';
import type { Query } from '../../../src/model/query.ts';
import { checkCoverage } from '../../../src/queries/grafana/check-coverage.ts';

function health(states: Record<string, AccountHealth['state']>): AccountHealth[] {
  return Object.entries(states).map(([account, state]) => ({
    account,
    state,
    lastPollAt: null,
    lastCallbackAt: null,
    error: { code: 'CSS_CREDENTIALS', message: 'The key was refused.', remedy: 'Check it.' },
  }));
}

const query = (account?: string[]): Query => ({
  refId: 'A',
  queryType: 'series',
  ...(account ? { filters: { account } } : {}),
});

describe('checkCoverage', () => {
  it('refuses to answer when collection is down for the accounts, and says why', () => {
    expect(() => checkCoverage(query(), health({ shop: 'blind' }))).toThrow(
      /Collection is down for shop: The key was refused/,
    );
    expect(() => checkCoverage(query(['sh*']), health({ shop: 'blind', news: 'ok' }))).toThrow();
  });

  it('matches patterns of many stars without backtracking', () => {
    const account = 'a'.repeat(1_000);
    const pattern = `${'*a'.repeat(50)}*b`;
    expect(() => checkCoverage(query([pattern]), health({ [account]: 'blind' }))).not.toThrow();
    expect(() => checkCoverage(query(['*a'.repeat(50)]), health({ [account]: 'blind' }))).toThrow();
  });

  it('lets queries of type alerts report blind accounts themselves', () => {
    const alerts: Query = { refId: 'A', queryType: 'alerts', value: 'state' };
    expect(() => checkCoverage(alerts, health({ shop: 'blind' }))).not.toThrow();
  });

  it('answers while one account of the query is collected', () => {
    expect(() => checkCoverage(query(), health({ shop: 'blind', news: 'ok' }))).not.toThrow();
    expect(() =>
      checkCoverage(query(['news']), health({ shop: 'blind', news: 'ok' })),
    ).not.toThrow();
    expect(() => checkCoverage(query(), health({ shop: 'starting' }))).not.toThrow();
    expect(() => checkCoverage(query(), health({ shop: 'unverified' }))).not.toThrow();
    expect(() => checkCoverage(query(), health({}))).not.toThrow();
  });
});
