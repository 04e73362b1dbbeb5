import { Ajv } from 'ajv';
import { describe, expect, it, vi } from 'vitest';
import { BreakwatchError } from '../../src/model/errors.ts';
import { QUERY_TYPES } from '../../src/model/query.ts';
import { parseQuery, parseQueryRequest } from '../../src/queries/parse-request.ts';

const RANGE = { from: 1_773_489_600_000, to: '2026-03-14T13:00:00Z' };

function problemOf(parse: () => unknown): string {
  try {
    parse();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(BreakwatchError);
    expect((thrown as BreakwatchError).code).toBe('BAD_QUERY');
    return String((thrown as BreakwatchError).details.problem);
  }
  throw new Error('nothing was thrown');
}

const one = (query: object) => () => parseQueryRequest({ ...RANGE, queries: [query] });

describe('parseQueryRequest', () => {
  it('compiles no schema twice, as the compiler keeps each one for good', () => {
    const queries = QUERY_TYPES.map((queryType) => ({
      refId: queryType,
      queryType,
      filters: { stream: ['room'], category: ['auth'] },
      ...(queryType === 'lookup' && { text: '18' }),
    }));
    parseQueryRequest({ queries });
    const compile = vi.spyOn(Ajv.prototype, 'compile');
    parseQueryRequest({ queries });
    expect(compile).not.toHaveBeenCalled();
    compile.mockRestore();
  });

  it('reads every query type with all its fields', () => {
    const queries = [
      {
        refId: 'A',
        queryType: 'breaks',
        filters: { stream: ['shop-*'], outcome: 'refused' },
        language: 'zh',
        limit: 10,
      },
      {
        refId: 'B',
        queryType: 'series',
        measure: 'lostMinutes',
        groupBy: ['category', 'domain'],
        stepMs: 60_000,
        limit: 5,
      },
      { refId: 'C', queryType: 'annotations', limit: 20 },
      { refId: 'D', queryType: 'lookup', text: '18/501' },
      {
        refId: 'E',
        queryType: 'incidents',
        state: ['open'],
        limit: 5,
        timeZone: 'Asia/Shanghai',
        cardLines: true,
      },
      { refId: 'F', queryType: 'streams', state: ['down', 'flapping'] },
      { refId: 'G', queryType: 'alerts', value: 'minutes', limit: 7 },
    ];
    expect(parseQueryRequest({ ...RANGE, maxDataPoints: 300, queries })).toEqual({
      from: 1_773_489_600_000,
      to: 1_773_493_200_000,
      maxDataPoints: 300,
      queries: [
        { ...queries[0], filters: { stream: ['shop-*'], outcome: ['refused'] } },
        { ...queries[1], filters: {} },
        { ...queries[2], filters: {} },
        { ...queries[3], filters: {} },
        { ...queries[4], filters: {} },
        { ...queries[5], filters: {} },
        { ...queries[6], filters: {} },
      ],
    });
  });

  it('rejects a time zone that does not exist', () => {
    const query = { refId: 'A', queryType: 'incidents', timeZone: 'Asia/Nowhere' };
    expect(problemOf(one(query))).toContain('must be a time zone such as Asia/Shanghai');
  });

  it('accepts one string for a list of one, and a code as a number', () => {
    const { queries } = parseQueryRequest({
      queries: [
        { refId: 'A', queryType: 'series', groupBy: 'category', filters: { domain: 'a.example' } },
        { refId: 'B', queryType: 'lookup', text: 6012 },
      ],
    });
    expect(queries).toMatchObject([
      { groupBy: ['category'], filters: { domain: ['a.example'] } },
      { text: '6012' },
    ]);
  });

  it.each([
    ['an empty text', ''],
    ['an empty list', []],
    ['null', null],
    ['a list of an empty text', ['']],
    ["Grafana's value for all", '$__all'],
    ["Grafana's word for all", ['All']],
    ['all beside others', ['shop-17', '$__all']],
    ['a lone star', '*'],
  ])('takes %s for no filter', (_name, value) => {
    for (const name of ['stream', 'category']) {
      const { queries } = one({ refId: 'A', queryType: 'breaks', filters: { [name]: value } })();
      expect(queries[0]?.filters).toEqual({});
    }
  });

  it('accepts true or false for gaps, and leaves false out', () => {
    const ofGaps = (gaps: unknown) => parseQuery({ queryType: 'annotations', gaps }, 'A');
    expect(ofGaps(true)).toMatchObject({ queryType: 'annotations', gaps: true });
    expect(ofGaps(false)).not.toHaveProperty('gaps');
    expect(() => ofGaps('yes')).toThrow('gaps must be true or false');
  });

  it('drops empty strings and repeated values of a list', () => {
    const filters = { stream: ['', 'a', 'b', 'a'] };
    const { queries } = one({ refId: 'A', queryType: 'breaks', filters })();
    expect(queries[0]?.filters).toEqual({ stream: ['a', 'b'] });
  });

  it.each([
    ['breaks', 100_000],
    ['series', 1_000],
    ['annotations', 2_000],
  ])('cuts the limit of %s to %i', (queryType, max) => {
    const { queries } = one({ refId: 'A', queryType, limit: 10 ** 9 })();
    expect(queries[0]).toMatchObject({ limit: max });
  });

  it('accepts digits for a number, because dashboards send variables as strings', () => {
    const { queries } = one({ refId: 'A', queryType: 'series', stepMs: '30000', limit: '7' })();
    expect(queries[0]).toMatchObject({ stepMs: 30_000, limit: 7 });
  });

  it.each<[string, object, string]>([
    ['an unknown field', { querytype: 'breaks' }, 'queries[0].queryType is missing'],
    [
      'a mistyped field',
      { queryType: 'series', groupby: ['category'] },
      'queries[0].groupby is unknown; did you mean groupBy?',
    ],
    [
      'a field of another query type',
      { queryType: 'breaks', stepMs: 1 },
      'queries[0].stepMs is unknown',
    ],
    [
      'a mistyped query type',
      { queryType: 'break' },
      'queries[0].queryType is "break"; did you mean breaks?',
    ],
    [
      'a mistyped filter',
      { queryType: 'breaks', filters: { streams: 'x' } },
      'queries[0].filters.streams is unknown; did you mean stream?',
    ],
    [
      'a value outside a closed list',
      { queryType: 'breaks', filters: { category: ['netwrok'] } },
      'queries[0].filters.category is "netwrok"; did you mean network?',
    ],
    [
      'a number for a text',
      { queryType: 'breaks', filters: { stream: [17] } },
      'queries[0].filters.stream must be a string or a list of strings, not a number',
    ],
    ['a list for filters', { queryType: 'breaks', filters: [] }, 'queries[0].filters must be an'],
    [
      'a limit of zero',
      { queryType: 'breaks', limit: 0 },
      'queries[0].limit must be a whole number from 1 to 100000; got 0.',
    ],
    [
      'half a limit',
      { queryType: 'breaks', limit: 1.5 },
      'queries[0].limit must be a whole number from 1 to 100000; got 1.5.',
    ],
    [
      'a step in words',
      { queryType: 'series', stepMs: '1m' },
      'queries[0].stepMs must be a whole number from 1 to 34560000000; got "1m".',
    ],
    [
      'an unknown measure',
      { queryType: 'series', measure: 'counts' },
      'queries[0].measure is "counts"; did you mean count?',
    ],
    [
      'an unknown group',
      { queryType: 'series', groupBy: ['colour'] },
      'queries[0].groupBy must be one of category, severity, side, outcome, reason, rule, account, domain, app, stream, clientIp, node, …; got "colour".',
    ],
    [
      'lost minutes of networks',
      { queryType: 'series', measure: 'lostMinutes', groupBy: ['clientNetwork'] },
      'queries[0].groupBy cannot have clientNetwork',
    ],
    [
      'an unknown language',
      { queryType: 'breaks', language: 'fr' },
      'queries[0].language must be one of en, zh, ja, ko; got "fr".',
    ],
    ['a state of the other type', { queryType: 'incidents', state: ['down'] }, 'queries[0].state'],
    ['a lookup of nothing', { queryType: 'lookup' }, 'queries[0].text is missing'],
    [
      'a very long value',
      { queryType: 'lookup', text: 'x'.repeat(2_000) },
      'queries[0].text is longer than 1024 characters.',
    ],
    [
      'too many values',
      { queryType: 'breaks', filters: { stream: Array(1_001).fill('x') } },
      'queries[0].filters.stream has 1001 values; the maximum is 1000.',
    ],
  ])('refuses %s and names it', (_name, query, problem) => {
    expect(problemOf(one({ refId: 'A', ...query }))).toContain(problem);
  });

  it.each([
    [null, 'the body must be an object, not null'],
    [[], 'the body must be an object, not a list'],
    [{}, 'queries is missing.'],
    [{ queries: null }, 'queries must be a list, not null.'],
    [{ queries: [7] }, 'queries[0] must be an object, not a number'],
    [{ queries: [], form: 1 }, 'form is unknown; did you mean from?'],
    [{ queries: [{ queryType: 'breaks' }] }, 'queries[0].refId is missing.'],
    [{ queries: Array(101).fill({}) }, 'queries has 101 values; the maximum is 100.'],
    [
      {
        queries: [
          { refId: 'A', queryType: 'breaks' },
          { refId: 'A', queryType: 'series' },
        ],
      },
      'queries[1].refId "A" is used twice',
    ],
  ])('refuses the body %j', (body, problem) => {
    expect(problemOf(() => parseQueryRequest(body))).toContain(problem);
  });
});

describe('parseQuery', () => {
  it('ignores fields that Grafana adds', () => {
    const json = {
      refId: 'inside',
      queryType: 'series',
      measure: 'rate',
      datasource: { type: 'breakwatch-css-datasource', uid: 'breakwatch' },
      intervalMs: 1_000,
      maxDataPoints: 43_200,
      hide: false,
      key: 'Q-1',
    };
    expect(parseQuery(json, 'A')).toEqual({
      refId: 'A',
      queryType: 'series',
      measure: 'rate',
      groupBy: [],
      filters: {},
    });
  });

  it('ignores fields of other query types', () => {
    expect(parseQuery({ queryType: 'breaks', groupBy: ['category'], text: '18' }, 'A')).toEqual({
      refId: 'A',
      queryType: 'breaks',
      filters: {},
    });
  });

  it('reads a query without a type as a breaks query', () => {
    expect(parseQuery({}, 'A')).toEqual({ refId: 'A', queryType: 'breaks', filters: {} });
  });

  it('rejects unknown fields', () => {
    expect(problemOf(() => parseQuery({ queryType: 'breaks', fliters: {} }, 'A'))).toContain(
      'fliters is unknown; did you mean filters?',
    );
  });
});
