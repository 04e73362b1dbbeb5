import { describe, expect, it } from 'vitest';
import { parseFramesRequest } from '../../../src/queries/grafana/parse-frames-request.ts';

const NOW = 1_790_000_000_000;
const HOUR = 3_600_000;
const RANGE = { from: NOW - HOUR, to: NOW };

const parse = (body: object) => parseFramesRequest({ ...RANGE, ...body }, NOW);

describe('parseFramesRequest', () => {
  it('reads a query as Grafana stores it', () => {
    const query = {
      refId: 'B',
      queryType: 'series',
      groupBy: ['category'],
      datasource: { type: 'breakwatch-css-datasource', uid: 'breakwatch' },
      intervalMs: 1_000,
      maxDataPoints: 43_200,
      // Left from an editor that showed another query type.
      text: '18/501',
    };
    expect(parse({ maxDataPoints: 500, query })).toEqual({
      request: {
        ...RANGE,
        maxDataPoints: 500,
        queries: [{ refId: 'B', queryType: 'series', groupBy: ['category'], filters: {} }],
      },
      format: 'frames',
    });
  });

  it('is a breaks query of refId A without more, for as many as a person looks at', () => {
    expect(parse({ query: {} }).request.queries).toEqual([
      { refId: 'A', queryType: 'breaks', filters: {}, limit: 200 },
    ]);
    const [logs] = parse({ query: { queryType: 'breaks', logs: true, limit: 500 } }).request
      .queries;
    expect(logs).toMatchObject({ limit: 500 });
    expect(parse({ query: { queryType: 'streams' } }).request.queries[0]).not.toHaveProperty(
      'limit',
    );
  });

  it('asks for the state of alerts in an alert rule', () => {
    const alerts = { refId: 'A', queryType: 'alerts' };
    const { request, format } = parse({ alert: true, query: alerts });
    expect(format).toBe('alert-frames');
    expect(request.queries[0]).toMatchObject({ queryType: 'alerts', value: 'state' });
    const share = parse({ alert: true, query: { ...alerts, value: 'share' } });
    expect(share.request.queries[0]).toMatchObject({ value: 'share' });
    expect(parse({ query: alerts }).request.queries[0]).not.toHaveProperty('value');
  });

  it("ignores what Grafana's default annotation query has", () => {
    const query = { refId: 'Anno', queryType: 'annotations', limit: 100 };
    const given = { ...query, type: 'dashboard', tags: [], matchAny: false, datasourceId: 28 };
    expect(parse({ query: given }).request.queries).toEqual([{ ...query, filters: {} }]);
  });

  it('asks for the alerts when an alert rule has no query type yet', () => {
    for (const query of [{ refId: 'A' }, { refId: 'A', queryType: '' }]) {
      expect(parse({ alert: true, query }).request.queries).toEqual([
        { refId: 'A', queryType: 'alerts', value: 'state', filters: {} },
      ]);
    }
  });

  it.each(['breaks', 'annotations', 'incidents', 'streams', 'lookup'])(
    'refuses %s in an alert rule',
    (queryType) => {
      expect(() => parse({ alert: true, query: { queryType, text: '18' } })).toThrow(
        `queryType "${queryType}" does not support alerting; use alerts or series.`,
      );
    },
  );

  it('leaves out fields of another version, and names them, also for a rule', () => {
    const query = {
      refId: 'A',
      queryType: 'series',
      groupBy: ['category'],
      smooth: 3,
      txSecret: 1,
    };
    const { request } = parse({ query });
    expect(request.queries[0]).not.toHaveProperty('smooth');
    expect(request.unknownFields).toEqual(['smooth', 'txSecret']);
    expect(parse({ query: { ...query, smooth: undefined } }).request.queries).toHaveLength(1);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_one, n) => [`field-${n}`, n]));
    expect(parse({ query: many }).request.unknownFields).toHaveLength(5);
    const long = { ['x'.repeat(5_000)]: 1 };
    expect(parse({ query: long }).request.unknownFields?.[0]).toHaveLength(64);
    const rule = parse({ alert: true, query });
    expect(rule).toMatchObject({
      format: 'alert-frames',
      request: { unknownFields: ['smooth', 'txSecret'] },
    });
    expect(rule.request.queries[0]).toEqual(request.queries[0]);
  });

  it('names the invalid field', () => {
    const invalid = { query: { queryType: 'breaks', limit: 0 } };
    expect(() => parse(invalid)).toThrow(/limit must be/);
    expect(() => parse({ query: { queryType: 'seris' } })).toThrow(/did you mean series\?/);
    expect(() => parse({})).toThrow(/query is missing/);
    expect(() => parse({ query: {}, queries: [] })).toThrow(/queries is unknown/);
    expect(() => parse({ query: {}, from: NOW })).toThrow(/is not before/);
  });
});
