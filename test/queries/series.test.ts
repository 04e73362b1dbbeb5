import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../src/model/frame.ts';
import type { SeriesQuery } from '../../src/model/query.ts';
import { answerSeries } from '../../src/queries/series.ts';
import { breakRecord, HOUR, MINUTE, NOON } from '../helpers/break-record.ts';
import { expectGolden } from '../helpers/golden-frames.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

const RANGE = { from: NOON, to: NOON + 30 * MINUTE };

describe('answerSeries', () => {
  let temporary: TemporaryStore;
  const ask = (query: Partial<SeriesQuery> = {}, request: object = {}) =>
    answerSeries(
      { refId: 'A', queryType: 'series', stepMs: 10 * MINUTE, ...query },
      { ...RANGE, ...request },
      queryContext(temporary.store),
    );
  const values = (frame: Frame | undefined) => frame?.fields[1]?.values;
  const network = { category: 'network', severity: 'warning', outcome: 'broken' } as const;

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(
      breakRecord('a', { event: { endedAt: NOON, recoveredAt: NOON + 3 * MINUTE } }),
      breakRecord('b', {
        event: { endedAt: NOON + MINUTE, recoveredAt: NOON + 3 * MINUTE, stream: 'shop-18' },
      }),
      breakRecord('c', {
        event: { endedAt: NOON + 25 * MINUTE, stream: 'shop-19' },
        verdict: network,
      }),
      breakRecord('end', {
        event: { endedAt: NOON + 15 * MINUTE, stream: 'shop-20' },
        verdict: { category: 'client', outcome: 'ended' },
      }),
    );
  });
  afterAll(() => temporary.remove());

  it('answers as recorded', async () => {
    expectGolden(await ask({ groupBy: ['category'] }), 'series-by-category');
    expectGolden(await ask({ groupBy: ['category', 'severity', 'domain'] }), 'series-by-three');
  });

  it('makes one typed frame for each group, with only the group in its labels', async () => {
    const frames = await ask({ groupBy: ['category'] });
    expect(frames).toHaveLength(2);
    for (const { meta, fields } of frames) {
      expect(meta).toEqual({ type: 'timeseries-multi', typeVersion: [0, 1] });
      expect(fields.map((field) => field.type)).toEqual(['time', 'number']);
    }
    const labels = frames.map((frame) => frame.fields[1]?.labels);
    expect(labels).toEqual([{ category: 'auth' }, { category: 'network' }]);
  });

  it('has a zero for each step without a break, in order of time', async () => {
    const [frame] = await ask({ filters: { category: ['auth'] } });
    expect(values(frame)).toEqual([2, 0, 0]);
    expect(frame?.fields[0]?.values).toEqual([NOON, NOON + 10 * MINUTE, NOON + 20 * MINUTE]);
  });

  it('leaves normal ends out by default', async () => {
    expect(values((await ask())[0])).toEqual([2, 0, 1]);
    expect(values((await ask({ filters: { outcome: ['ended'] } }))[0])).toEqual([0, 1, 0]);
  });

  it('measures breaks per minute', async () => {
    expect(values((await ask({ measure: 'rate' }))[0])).toEqual([0.2, 0, 0.1]);
  });

  it('measures minutes down of all streams, until the end of the range for open outages', async () => {
    expect(values((await ask({ measure: 'lostMinutes' }))[0])).toEqual([5, 0, 5]);
  });

  it('is zeros when there are no breaks, in the steps of a series with breaks', async () => {
    const [some] = await ask();
    const [none] = await ask({ filters: { stream: ['nobody'] } });
    expect(values(none)).toEqual([0, 0, 0]);
    expect(none?.fields[0]).toEqual(some?.fields[0]);
  });

  it('has one typed frame without fields when there are no groups, which alerting reads as no data', async () => {
    const frames = await ask({ filters: { stream: ['nobody'] }, groupBy: ['stream'] });
    expect(frames).toEqual([
      { name: 'breaks', meta: { type: 'timeseries-multi', typeVersion: [0, 1] }, fields: [] },
    ]);
  });

  it('keeps the largest groups and has a notice on the first frame only', async () => {
    const frames = await ask({ groupBy: ['category'], limit: 1 });
    expect(frames.map((frame) => frame.fields[1]?.labels)).toEqual([{ category: 'auth' }]);
    expect(frames[0]?.meta?.notices?.[0]?.text).toContain('1 largest groups');
    const all = await ask({ groupBy: ['category'], limit: 2 });
    expect(all[0]?.meta?.notices).toBeUndefined();
  });

  it('chooses the step from range and points', async () => {
    const [frame] = await ask({ stepMs: undefined }, { maxDataPoints: 30 });
    expect(frame?.fields[0]?.config?.interval).toBe(MINUTE);
    expect(frame?.fields[0]?.values).toHaveLength(30);
  });

  it('lengthens a step that would make too many points, with a notice', async () => {
    const [frame] = await ask({ stepMs: 1 }, { from: NOON - 24 * HOUR });
    expect(frame?.fields[0]?.values.length).toBeLessThanOrEqual(11_001);
    expect(frame?.meta?.notices?.[0]?.text).toContain('A step of 1 ms');
  });

  it('names groups in the language; labels stay as they are', async () => {
    const frames = await ask({ groupBy: ['category', 'stream'], language: 'zh' });
    expect(frames.map(({ fields }) => fields[1]?.config?.displayNameFromDS)).toContain(
      '鉴权 · shop-18',
    );
    expect(frames[0]?.fields[1]?.labels?.category).toBe('auth');
    const [all] = await ask({ language: 'zh' });
    expect(all?.fields[1]?.config?.displayNameFromDS).toBe('断流次数');
  });

  it('adds up the addresses of a network', async () => {
    const other = await openTemporaryStore();
    const from = (clientIp: string | null, minute: number) =>
      breakRecord(`${clientIp} ${minute}`, {
        event: { clientIp, endedAt: NOON + minute * MINUTE },
      });
    await other.insert(
      from('203.0.113.7', 1),
      from('203.0.113.9', 2),
      from('203.0.113.9', 12),
      from('198.51.100.1', 3),
      from('2001:db8:7::1', 4),
      from('2001:db8:7:1::2', 25),
      from(null, 5),
    );
    const query: SeriesQuery = { refId: 'A', queryType: 'series', stepMs: 10 * MINUTE };
    const answer = (change: Partial<SeriesQuery>) =>
      answerSeries({ ...query, ...change }, RANGE, queryContext(other.store));
    const frames = await answer({ groupBy: ['clientNetwork'] });
    const points = frames.map(({ fields }) => [
      fields[1]?.labels?.clientNetwork,
      fields[1]?.values,
    ]);
    expect(points.slice(0, 2)).toEqual([
      ['203.0.113.0/24', [2, 1, 0]],
      ['2001:db8:7::/48', [1, 0, 1]],
    ]);
    expect(Object.fromEntries(points.slice(2))).toEqual({
      '198.51.100.0/24': [1, 0, 0],
      '': [1, 0, 0],
    });
    const known = await answer({
      groupBy: ['category', 'clientNetwork'],
      filters: { clientIp: ['*.*', '*:*'] },
      limit: 2,
    });
    expect(known.map(({ name }) => name)).toEqual([
      'auth · 203.0.113.0/24',
      'auth · 2001:db8:7::/48',
    ]);
    await other.remove();
  });
});
