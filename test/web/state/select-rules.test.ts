import { describe, expect, it } from 'vitest';
import type { RuleSummary } from '../../../src/contract/rules.ts';
import { ALL_RULES, selectRules } from '../../../src/web/state/select-rules.ts';

const rule = (id: string, changes: Partial<RuleSummary> = {}): RuleSummary => ({
  id,
  name: `Name of ${id}`,
  category: 'network',
  severity: 'warning',
  side: 'network',
  priority: 10,
  cause: 'The line failed.',
  hash: '0',
  file: `${id}.json`,
  isOwn: false,
  replacesShipped: false,
  patch: null,
  ...changes,
});

const rules = [
  rule('auth/a', { category: 'auth', severity: 'critical' }),
  rule('network/b', { isOwn: true }),
  rule('network/c', { patch: 'patches/network/c.json', cause: 'Uplink 太弱' }),
  rule('network/d', { severity: 'info' }),
];
const hits = new Map([
  ['network/d', { count: 9, last: 0 }],
  ['auth/a', { count: 2, last: 0 }],
]);
const ids = (change: Partial<typeof ALL_RULES>, counted: typeof hits | null = hits) =>
  selectRules(rules, { ...ALL_RULES, ...change }, counted).map(({ id }) => id);

describe('selectRules', () => {
  it('sorts by hits, severity or id', () => {
    expect(ids({})).toEqual(['network/d', 'auth/a', 'network/b', 'network/c']);
    expect(ids({}, null)).toEqual(['auth/a', 'network/b', 'network/c', 'network/d']);
    expect(ids({ order: 'severity' })).toEqual(['auth/a', 'network/b', 'network/c', 'network/d']);
    expect(ids({ order: 'name' })[3]).toBe('network/d');
  });

  it('filters by text, category, severity, origin and use', () => {
    expect(ids({ search: ' UPLINK 太' })).toEqual(['network/c']);
    expect(ids({ search: 'name of auth' })).toEqual(['auth/a']);
    expect(ids({ category: 'auth' })).toEqual(['auth/a']);
    expect(ids({ severity: 'info' })).toEqual(['network/d']);
    expect(ids({ origin: 'own' })).toEqual(['network/b']);
    expect(ids({ origin: 'patched' })).toEqual(['network/c']);
    expect(ids({ origin: 'shipped' })).toEqual(['network/d', 'auth/a']);
    expect(ids({ unused: true })).toEqual(['network/b', 'network/c']);
  });

  it('calls no rule unused while hits are not known', () => {
    expect(ids({ unused: true }, null)).toEqual([]);
  });
});
