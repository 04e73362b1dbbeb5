import { describe, expect, it } from 'vitest';
import { rowsOf, type ShownIncident } from '../../../src/web/state/fetch-incidents.ts';
import { rankIncidents } from '../../../src/web/state/rank-incidents.ts';

const incident = (id: string, part: Partial<ShownIncident>): ShownIncident =>
  ({
    id,
    category: 'auth',
    severity: 'warning',
    streamsDown: 1,
    time: 0,
    ...part,
  }) as ShownIncident;

describe('rankIncidents', () => {
  const all = [
    incident('new', { time: 9 }),
    incident('old', { time: 1 }),
    incident('wide', { streamsDown: 40, category: 'network' }),
    incident('critical', { severity: 'critical' }),
  ];

  it('sorts by severity, then streams down, then newest first', () => {
    expect(rankIncidents(all, { categories: [], account: '' }).map(({ id }) => id)).toEqual([
      'critical',
      'wide',
      'new',
      'old',
    ]);
  });

  it('puts the incident of a link first, whatever the filters', () => {
    const ids = (wanted: string) =>
      rankIncidents(all, { categories: ['network'], account: '' }, wanted).map(({ id }) => id);
    expect(ids('old')).toEqual(['old', 'wide']);
    expect(ids('gone')).toEqual(['wide']);
  });

  it('filters by category', () => {
    expect(
      rankIncidents(all, { categories: ['network'], account: '' }).map(({ id }) => id),
    ).toEqual(['wide']);
  });
});

describe('rowsOf', () => {
  it('turns columns into rows, and a missing frame into no rows', () => {
    const fields = [
      { name: 'id', type: 'string' as const, values: ['a', 'b'] },
      { name: 'streams', type: 'number' as const, values: [1, 2] },
    ];
    expect(rowsOf({ name: 'incidents', fields })).toEqual([
      { id: 'a', streams: 1 },
      { id: 'b', streams: 2 },
    ]);
    expect(rowsOf(undefined)).toEqual([]);
  });
});
