import { describe, expect, it } from 'vitest';
import { interpolateQuery, type Replace } from '../../../src/grafana/frontend/interpolate-query.ts';

const variables: Record<string, string | string[]> = {
  category: ['auth', 'billing'],
  stream: 'shop-17',
  none: '',
};

/** Replaces `$name` as Grafana's template service does, asking for the join of several values. */
const replace: Replace = (text, join) =>
  text.replace(/\$(\w+)/g, (whole, name: string) =>
    name in variables ? join(variables[name] as string | string[]) : whole,
  );

describe('interpolateQuery', () => {
  it('turns one entry with a multi-value variable into several values', () => {
    const query = interpolateQuery(
      { refId: 'A', queryType: 'series', filters: { category: ['$category', 'network'] } },
      replace,
    );
    expect(query.filters).toEqual({ category: ['auth', 'billing', 'network'] });
  });

  it('drops what becomes empty and doubles', () => {
    const query = interpolateQuery(
      { refId: 'A', filters: { stream: ['$stream', 'shop-17'], domain: ['$none'] } },
      replace,
    );
    expect(query.filters).toEqual({ stream: ['shop-17'] });
  });

  it('replaces within a text and a wildcard', () => {
    const query = interpolateQuery(
      { refId: 'A', queryType: 'lookup', text: '$stream', filters: { stream: ['$stream*'] } },
      replace,
    );
    expect(query).toMatchObject({ text: 'shop-17', filters: { stream: ['shop-17*'] } });
  });

  it('leaves the query it was given alone', () => {
    const query = { refId: 'A', filters: { stream: ['$stream'] } };
    interpolateQuery(query, replace);
    expect(query.filters.stream).toEqual(['$stream']);
  });
});
