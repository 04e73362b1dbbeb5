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
    expect(query?.filters).toEqual({ category: ['auth', 'billing', 'network'] });
  });

  it('drops empty values and duplicates', () => {
    const query = interpolateQuery(
      { refId: 'A', filters: { stream: ['$stream', 'shop-17'], domain: ['$none'] } },
      replace,
    );
    expect(query?.filters).toEqual({ stream: ['shop-17'] });
  });

  it('replaces within a text and a wildcard', () => {
    const query = interpolateQuery(
      { refId: 'A', queryType: 'lookup', text: '$stream', filters: { stream: ['$stream*'] } },
      replace,
    );
    expect(query).toMatchObject({ text: 'shop-17', filters: { stream: ['shop-17*'] } });
  });

  it('reads the language from a variable, or no language if it does not exist', () => {
    const ask = (language: '$stream' | '$speech' | 'ja') =>
      interpolateQuery({ refId: 'A', language }, (text) => (text === '$speech' ? 'zh' : text));
    expect(ask('$speech')?.language).toBe('zh');
    expect(ask('ja')?.language).toBe('ja');
    expect(ask('$stream')).not.toHaveProperty('language');
  });

  it('does not change its input', () => {
    const query = { refId: 'A', filters: { stream: ['$stream'] } };
    interpolateQuery(query, replace);
    expect(query.filters.stream).toEqual(['$stream']);
  });

  it('combines filters with further ones, and handles all spellings of "all"', () => {
    const ask = (own: string[], further: string[]) =>
      interpolateQuery(
        { refId: 'A', filters: { severity: own }, also: { severity: further } },
        (text, join) => (text === '$both' ? join(['critical', 'info']) : text),
      );
    expect(ask(['critical'], ['$both'])).toEqual({
      refId: 'A',
      filters: { severity: ['critical'] },
    });
    expect(ask(['critical'], ['*'])?.filters).toEqual({ severity: ['critical'] });
    expect(ask(['$__all'], ['$both'])?.filters).toEqual({ severity: ['critical', 'info'] });
    expect(ask([], ['info'])?.filters).toEqual({ severity: ['info'] });
    expect(ask(['warning'], ['$both'])).toBeUndefined();
  });
});
