import { describe, expect, it } from 'vitest';
import { describeQuery } from '../../../src/grafana/frontend/describe-query.ts';

describe('describeQuery', () => {
  it.each([
    [{ refId: 'A' }, 'Breaks'],
    [{ refId: 'A', queryType: 'lookup', text: '6012' }, 'Lookup: 6012'],
    [{ refId: 'A', queryType: 'series' }, 'Series: count'],
    [{ refId: 'A', queryType: 'alerts' }, 'Alerts'],
    [
      {
        refId: 'A',
        queryType: 'alerts',
        value: 'streamsDown',
        filters: { severity: ['critical'] },
      },
      'Alerts: streams down; Severity = critical',
    ],
    [
      {
        refId: 'A',
        queryType: 'series',
        measure: 'lostMinutes',
        groupBy: ['category', 'domain'],
        filters: { stream: ['shop-*', 'studio-a'], domain: [] },
      },
      'Series: lost minutes by category, domain; StreamName = shop-*, studio-a',
    ],
  ] as const)('%j', (query, text) => {
    expect(describeQuery(query as never)).toBe(text);
  });
});
