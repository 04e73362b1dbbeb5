import { describe, expect, it } from 'vitest';
import { addCondition, toggleValue } from '../../../src/grafana/frontend/filter-query.ts';
import { interpolateQuery } from '../../../src/grafana/frontend/interpolate-query.ts';
import type { BreakwatchQuery } from '../../../src/grafana/frontend/types.ts';

const QUERY: BreakwatchQuery = { refId: 'A', queryType: 'breaks', filters: { stream: ['shop-*'] } };
const sent = (query: BreakwatchQuery) => interpolateQuery(query, (text) => text);

describe('addCondition', () => {
  it('keeps only the value', () => {
    const query = addCondition(QUERY, { key: 'category', operator: '=', value: 'auth' });
    expect(sent(query)).toMatchObject({ filters: { stream: ['shop-*'], category: ['auth'] } });
  });

  it('sends no query when the panel has other values', () => {
    const own = { ...QUERY, filters: { category: ['network'] } };
    expect(
      sent(addCondition(own, { key: 'category', operator: '=', value: 'auth' })),
    ).toBeUndefined();
  });

  it('takes several values', () => {
    const condition = { key: 'domain', operator: '=|', value: 'a', values: ['a', 'b'] };
    expect(sent(addCondition(QUERY, condition))?.filters?.domain).toEqual(['a', 'b']);
  });

  it('keeps the other values of a closed list, and excludes free texts', () => {
    const closed = addCondition(QUERY, { key: 'severity', operator: '!=', value: 'info' });
    expect(sent(closed)?.filters?.severity).toEqual(['critical', 'warning']);
    const free = addCondition(QUERY, { key: 'stream', operator: '!=', value: 'shop-17' });
    expect(sent(free)).toMatchObject({
      filters: { stream: ['shop-*'] },
      exclude: { stream: ['shop-17'] },
    });
  });

  it('ignores names and operators that it does not know', () => {
    expect(addCondition(QUERY, { key: 'level', operator: '=', value: 'x' })).toBe(QUERY);
    expect(addCondition(QUERY, { key: 'stream', operator: '=~', value: 'x' })).toBe(QUERY);
  });
});

describe('toggleValue', () => {
  it('keeps or leaves out what is clicked', () => {
    const keep = toggleValue(QUERY, { key: 'stream', value: 'shop-17', keep: true });
    expect(keep.filters).toEqual({ stream: ['shop-17'] });
    const out = toggleValue(QUERY, { key: 'stream', value: 'shop-17', keep: false });
    expect(out).toMatchObject({ filters: QUERY.filters, exclude: { stream: ['shop-17'] } });
  });
});
