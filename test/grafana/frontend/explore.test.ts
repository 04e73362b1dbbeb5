import { describe, expect, it } from 'vitest';
import {
  contextQuery,
  framesForExplore,
  volumeQuery,
} from '../../../src/grafana/frontend/explore.ts';

describe('volumeQuery', () => {
  it('counts the breaks of a log by severity', () => {
    const query = {
      refId: 'A',
      queryType: 'breaks',
      logs: true,
      limit: 9,
      filters: { category: ['auth'] },
    } as const;
    expect(volumeQuery({ ...query, filters: { category: ['auth'] } })).toEqual({
      refId: 'log-volume-A',
      queryType: 'series',
      measure: 'count',
      groupBy: ['severity'],
      filters: { category: ['auth'] },
    });
  });

  it('is absent for a table', () => {
    expect(volumeQuery({ refId: 'A', queryType: 'breaks' })).toBeUndefined();
  });
});

describe('contextQuery', () => {
  const row = { timeEpochMs: 10_000_000, labels: { stream: 's', domain: 'd', category: 'auth' } };

  it('asks for all that happened to the stream before and after a line', () => {
    const before = contextQuery(row, { isBefore: true, limit: 5 });
    expect(before.query).toMatchObject({
      logs: true,
      limit: 5,
      filters: { stream: ['s'], domain: ['d'] },
    });
    expect(before.query.filters).not.toHaveProperty('category');
    expect(before.to).toBe(row.timeEpochMs);
    const after = contextQuery(row, { isBefore: false, limit: 5 });
    expect(after.from).toBeGreaterThan(row.timeEpochMs);
    expect(after.to - after.from).toBeGreaterThan(3_600_000);
  });
});

describe('framesForExplore', () => {
  type Frames = Parameters<typeof framesForExplore>[0];
  const frame = (given: object) => [{ fields: [], length: 0, ...given }] as unknown as Frames;

  it('makes a table of annotations', () => {
    expect(framesForExplore(frame({ meta: { dataTopic: 'annotations' } }))).toMatchObject([
      { meta: { preferredVisualisationType: 'table' } },
    ]);
    const [made] = framesForExplore(frame({ meta: { dataTopic: 'annotations' } }));
    expect(made?.meta).not.toHaveProperty('dataTopic');
  });

  it('names the level of the bars above a log, and of no other series', () => {
    const fields = [{ name: 'count', labels: { severity: 'critical' } }];
    const [bars] = framesForExplore(frame({ refId: 'log-volume-A', fields }));
    expect(bars?.fields[0]?.labels).toEqual({ severity: 'critical', level: 'critical' });
    const [other] = framesForExplore(frame({ refId: 'A', fields }));
    expect(other?.fields[0]?.labels).toEqual({ severity: 'critical' });
  });
});
