import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../src/model/frame.ts';
import type { StreamsQuery } from '../../src/model/query.ts';
import { answerStreamHistory } from '../../src/queries/stream-history.ts';
import { HOUR, NOON } from '../helpers/break-record.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { at, cut, livePush, refused, stopped } from '../incidents/story.ts';

let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  await temporary.insert(
    cut({ stream: 'blocked', at: 0, since: -7_200 }),
    refused({ stream: 'blocked', at: 3 }),
    refused({ stream: 'blocked', at: 9 }),
    cut({ stream: 'back', at: 0, since: -600, back: 20, ip: '203.0.113.7', node: '198.51.100.1' }),
    stopped({ stream: 'back', at: 100, since: 20 }),
    // A second encoder was live when the first one was cut.
    cut({ stream: 'taken-over', at: 50, since: -600 }),
    cut({ stream: 'long-ago', at: -4 * 3_600, since: -5 * 3_600, back: -4 * 3_600 + 60 }),
    stopped({ stream: 'long-ago', at: -3 * 3_600, since: -4 * 3_600 + 60 }),
    cut({ stream: 'elsewhere', at: 10, domain: 'b.example.com' }),
  );
  await temporary.store.commit({
    breaks: [],
    removed: [],
    pushes: [livePush('taken-over', 40), livePush('steady', -5_000)],
    cursor: await temporary.store.cursor(),
  });
});
afterAll(() => temporary.remove());

const ask = (query: Partial<StreamsQuery>, from = NOON - HOUR, to = at(200)): Promise<Frame[]> =>
  answerStreamHistory(
    { refId: 'A', queryType: 'streams', history: 'timeline', ...query },
    { from, to },
    queryContext(temporary.store),
  );

/** State and second after noon of each turn. */
const turnsOf = (frame: Frame | undefined) => {
  const [times, states] = frame?.fields ?? [];
  return (times?.values ?? []).map((time, row) => [
    (Number(time) - NOON) / 1_000,
    states?.values[row],
  ]);
};

const timelineOf = async (stream: string, from?: number) => {
  const frames = await ask({ filters: { stream: [stream] } }, from);
  expect(frames.length).toBeLessThanOrEqual(1);
  return turnsOf(frames[0]);
};

describe('the timeline of a stream', () => {
  it('begins with the state before the range, and ends with the range, since nobody knows the future', async () => {
    expect(await timelineOf('blocked')).toEqual([
      [-3_600, 'live'],
      [0, 'down'],
      [3, 'refused'],
      [200, null],
    ]);
  });

  it('shows recovery and planned end', async () => {
    expect(await timelineOf('back')).toEqual([
      [-600, 'live'],
      [0, 'down'],
      [20, 'live'],
      [100, 'ended'],
      [200, null],
    ]);
  });

  it('stays live while another encoder pushes', async () => {
    expect(await timelineOf('taken-over')).toEqual([
      [-600, 'live'],
      [200, null],
    ]);
  });

  it('has streams that were live all the time, and none whose last push is long over', async () => {
    expect(await timelineOf('steady')).toEqual([
      [-3_600, 'live'],
      [200, null],
    ]);
    expect(await timelineOf('long-ago')).toEqual([]);
  });

  it('still knows that a stream is down whose break was before the range', async () => {
    expect(await timelineOf('blocked', at(100))).toEqual([
      [100, 'refused'],
      [200, null],
    ]);
  });

  it('has a row for each stream, by filters of places, with words in the language', async () => {
    const frames = await ask({ filters: { domain: ['a.*'] }, language: 'zh' });
    expect(frames.map(({ name }) => name).sort()).toEqual([
      'back',
      'blocked',
      'steady',
      'taken-over',
    ]);
    const [mapping] = frames[0]?.fields[1]?.config?.mappings ?? [];
    expect(mapping?.options.refused).toMatchObject({ text: '断开，被拒', color: '#FF9830' });
  });

  it('says when streams are left out', async () => {
    const frames = await ask({ limit: 2 });
    expect(frames).toHaveLength(2);
    expect(frames[0]?.meta?.notices?.[0]?.text).toMatch(/^Only 2 of 5 streams are drawn/);
  });
});

describe('the pushes of a stream', () => {
  it('are those of the range, newest first, with how and from where they ended', async () => {
    const [frame] = await ask({ history: 'pushes', filters: { stream: ['back'] } });
    const rows = (frame?.fields[0]?.values ?? []).map((_time, row) =>
      Object.fromEntries((frame?.fields ?? []).map(({ name, values }) => [name, values[row]])),
    );
    expect(rows).toMatchObject([
      { time: at(20), timeEnd: at(100), durationMs: 80_000, outcome: 'ended', clientIp: null },
      { time: at(-600), timeEnd: NOON, outcome: 'broken', clientIp: '203.0.113.7' },
    ]);
  });

  it('count on while they are live', async () => {
    const [frame] = await ask({ history: 'pushes', filters: { stream: ['steady'] } });
    const cell = (name: string) => frame?.fields.find((field) => field.name === name)?.values;
    expect(cell('timeEnd')).toEqual([null]);
    expect(cell('durationMs')).toEqual([5_199_999]);
    expect(cell('outcome')).toEqual([null]);
  });
});
