import { expect, it } from 'vitest';
import { buildDashboards } from '../../../src/grafana/dashboards/build-dashboards.ts';
import { TYPED, typedText } from '../../../src/grafana/frontend/typed-search.ts';

it('reads what was typed into the picker of a variable', () => {
  expect(typedText({ __searchFilter: { value: 'shop', text: 'shop' } })).toBe('shop');
  expect(typedText({})).toBe('');
  expect(typedText(undefined)).toBe('');
});

it('is asked for by the variables of every dashboard, or Grafana would not ask again', () => {
  const queries = buildDashboards('bundled').flatMap(({ json }) => {
    const { list } = (json as { templating: { list: { query: { search?: string } }[] } })
      .templating;
    return list.flatMap(({ query }) => (typeof query === 'object' ? [query.search] : []));
  });
  expect(queries.length).toBeGreaterThan(0);
  expect(new Set(queries)).toEqual(new Set([TYPED]));
});
